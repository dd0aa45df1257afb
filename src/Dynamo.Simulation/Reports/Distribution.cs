namespace Dynamo.Simulation.Reports;

/// <summary>Mean and percentiles of values; all 0 when there are none.</summary>
public sealed class Distribution
{
    private readonly float[] _sorted;

    /// <summary>Takes the values.</summary>
    public Distribution(IEnumerable<float> values)
    {
        _sorted = [.. values];
        Array.Sort(_sorted);
        double sum = 0;
        foreach (float value in _sorted)
        {
            sum += value;
        }

        Mean = _sorted.Length == 0 ? 0 : sum / _sorted.Length;
    }

    /// <summary>The mean.</summary>
    public double Mean { get; }

    /// <summary>The value below which a share of all lies, between neighbours by their distance.</summary>
    /// <param name="share">0 to 1.</param>
    public double Percentile(double share)
    {
        if (_sorted.Length == 0)
        {
            return 0;
        }

        double place = share * (_sorted.Length - 1);
        int below = (int)place;
        int above = Math.Min(below + 1, _sorted.Length - 1);
        return _sorted[below] + ((place - below) * (_sorted[above] - (double)_sorted[below]));
    }
}
