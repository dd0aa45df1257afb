namespace Dynamo.Routing.Workers;

/// <summary>
/// A straight line through points that fade as newer ones come: least squares with a memory of about a thousand points, beside two faint
/// points of a prior line that decide its shape where the others do not: without points they are the line, and where all points are at one place the
/// prior is raised or lowered to go through them. Deterministic.
/// </summary>
internal struct LineFit
{
    private const double Memory = 1 - (1.0 / 1024);
    private const double PriorWeight = 0.05;

    // A point further off than this factor counts as if it were just that far: one stall must not bend the line.
    private const double MostFactor = 4;

    private double _weight;
    private double _x;
    private double _y;
    private double _xx;
    private double _xy;

    /// <summary>What counts for a point, however far off it is.</summary>
    /// <param name="y">What was seen.</param>
    /// <param name="expected">What was expected, above 0.</param>
    public static double Clamp(double y, double expected) => Math.Clamp(y, expected / MostFactor, expected * MostFactor);

    /// <summary>Adds a point.</summary>
    /// <param name="x">0 to 1.</param>
    /// <param name="y">What was seen there.</param>
    /// <param name="expected">What the line says there, above 0.</param>
    public void Add(double x, double y, double expected)
    {
        y = Clamp(y, expected);
        _weight = (_weight * Memory) + 1;
        _x = (_x * Memory) + x;
        _y = (_y * Memory) + y;
        _xx = (_xx * Memory) + (x * x);
        _xy = (_xy * Memory) + (x * y);
    }

    /// <summary>The line.</summary>
    /// <param name="start">The prior's value at 0.</param>
    /// <param name="end">The prior's value at 1.</param>
    /// <returns>Values at 0 and 1, neither below 0, and rising.</returns>
    public readonly (double Start, double End) Solve(double start, double end)
    {
        if (_y > 0)
        {
            double scale = _y / ((_weight * start) + (_x * (end - start)));
            (start, end) = (start * scale, end * scale);
        }

        double weight = _weight + (2 * PriorWeight);
        double x = (_x + PriorWeight) / weight;
        double y = (_y + (PriorWeight * (start + end))) / weight;
        double slope = (_xy + (PriorWeight * end) - (weight * x * y)) / (_xx + PriorWeight - (weight * x * x));
        slope = Math.Max(0, slope);
        double first = Math.Max(0, y - (slope * x));
        return (first, first + slope);
    }
}
