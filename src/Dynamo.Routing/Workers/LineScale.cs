namespace Dynamo.Routing.Workers;

/// <summary>
/// How many times as high as a given line some points are, beside a few steps' worth of doubt, which takes four times and a quarter alike: without
/// points, once. Points fade as newer ones come, with a memory of a few hundred, and with time, in about a minute: whoever looked slow and therefore gets
/// nothing is thought to be like the others again and can show otherwise. Deterministic.
/// </summary>
internal struct LineScale
{
    // Eight workers remember twice as many steps as LineFit does. It must not be many more: what a step is compared with there is what its worker showed before.
    private const double Memory = 1 - (1.0 / 256);
    private const double FadeMilliseconds = 60_000;

    // So many points say that the line is right.
    private const double Doubt = 8;

    // So many times as high or as low at most: a worker of whose steps decoding seems to leave nothing for prompts must find back soon.
    private const double MostFactor = 100;

    private double _weight;
    private double _x;
    private double _y;
    private double _at;

    /// <summary>The mean of the points, after the first.</summary>
    public readonly (double X, double Y) Mean => (_x / _weight, _y / _weight);

    /// <summary>Adds a point.</summary>
    /// <param name="x">0 to 1.</param>
    /// <param name="y">What was seen there.</param>
    /// <param name="expected">What the raised line says there, above 0; see <see cref="LineFit.Add"/>.</param>
    /// <param name="now">The moment, in milliseconds.</param>
    public void Add(double x, double y, double expected, double now)
    {
        double kept = Memory * Kept(now);
        _weight = (_weight * kept) + 1;
        _x = (_x * kept) + x;
        _y = (_y * kept) + LineFit.Clamp(y, expected);
        _at = now;
    }

    /// <summary>How many times as high.</summary>
    /// <param name="start">The line's value at 0.</param>
    /// <param name="end">The line's value at 1.</param>
    /// <param name="now">The moment, in milliseconds.</param>
    public readonly double Of(double start, double end, double now)
    {
        double expected = (_weight * start) + (_x * (end - start));
        double weight = _weight * Kept(now);
        return expected > 0 ? Math.Clamp(Math.Pow(_y / expected, weight / (weight + Doubt)), 1 / MostFactor, MostFactor) : 1;
    }

    // News can come late and out of order.
    private readonly double Kept(double now) => Math.Exp(Math.Min(_at - now, 0) / FadeMilliseconds);
}
