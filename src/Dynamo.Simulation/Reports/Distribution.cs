namespace Dynamo.Simulation.Reports;

/// <summary>Mean and percentiles of all values: none is dropped or rounded into a bucket. All 0 when there are none.</summary>
public sealed class Distribution
{
    private readonly double[] _sorted;

    /// <summary>Takes the values.</summary>
    public Distribution(IEnumerable<double> values)
    {
        _sorted = [.. values];
        Array.Sort(_sorted);
        Mean = _sorted.Length == 0 ? 0 : _sorted.Sum() / _sorted.Length;
    }

    /// <summary>How many there are.</summary>
    public int Count => _sorted.Length;

    /// <summary>The mean.</summary>
    public double Mean { get; }

    /// <summary>The greatest.</summary>
    public double Max => _sorted.Length == 0 ? 0 : _sorted[^1];

    /// <summary>The value below which a share of all lies, between neighbours by their distance, as NumPy has it.</summary>
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
        return _sorted[below] + ((place - below) * (_sorted[above] - _sorted[below]));
    }
}
