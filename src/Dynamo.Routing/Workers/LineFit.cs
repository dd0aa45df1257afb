namespace Dynamo.Routing.Workers;

/// <summary>
/// A straight line through points of several workers that fade as newer ones come, with a memory of about a thousand points: it goes through their mean, and
/// rises as each worker's points do among themselves, by least squares. Two faint points of a prior line beside them decide its shape where the others do
/// not: without points they are the line, and where all points are at one place the prior is raised or lowered to go through them. Deterministic.
/// </summary>
internal struct LineFit
{
    private const double Memory = 1 - (1.0 / 1024);
    private const double PriorWeight = 0.05;

    // A point further off than this factor counts as if it were just that far: one stall must not bend the line.
    private const double MostFactor = 4;

    // Of the mean, what the line is at 0 at least: a worker may be many times as slow as expected, not many times as slow as nothing.
    private const double LeastStart = 0.001;

    private double _weight;
    private double _x;
    private double _y;
    private double _dxdx;
    private double _dxdy;

    /// <summary>What counts for a point, however far off it is.</summary>
    /// <param name="y">What was seen.</param>
    /// <param name="expected">What was expected, above 0.</param>
    public static double Clamp(double y, double expected) => Math.Clamp(y, expected / MostFactor, expected * MostFactor);

    /// <summary>Adds a point.</summary>
    /// <param name="x">0 to 1.</param>
    /// <param name="y">What was seen there.</param>
    /// <param name="expected">What the line says there, above 0.</param>
    /// <param name="dx">How far to the right of its worker's mean it is, -1 to 1.</param>
    /// <param name="dy">How far above that, were the worker as fast as all are.</param>
    public void Add(double x, double y, double expected, double dx, double dy)
    {
        _weight = (_weight * Memory) + 1;
        _x = (_x * Memory) + x;
        _y = (_y * Memory) + Clamp(y, expected);
        _dxdx = (_dxdx * Memory) + (dx * dx);
        _dxdy = (_dxdy * Memory) + (dx * dy);
    }

    /// <summary>The line.</summary>
    /// <param name="start">The prior's value at 0.</param>
    /// <param name="end">The prior's value at 1.</param>
    /// <returns>Values at 0 and 1, both above 0 once there are points, and not falling.</returns>
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
        double slope = (_dxdy + (PriorWeight / 2 * (end - start))) / (_dxdx + (PriorWeight / 2));
        slope = Math.Clamp(slope, 0, (1 - LeastStart) * y / x);
        double first = y - (slope * x);
        return (first, first + slope);
    }
}
