namespace Dynamo.Benchmarks.Engine;

/// <summary>Median and range of a quantity over rounds.</summary>
/// <param name="Median">The middle value; the mean of the two in the middle of an even number.</param>
/// <param name="Min">The smallest.</param>
/// <param name="Max">The largest.</param>
internal readonly record struct Spread(double Median, double Min, double Max)
{
    public static Spread Of(IEnumerable<double> values)
    {
        double[] sorted = [.. values.Order()];
        return new Spread((sorted[(sorted.Length - 1) / 2] + sorted[sorted.Length / 2]) / 2, sorted[0], sorted[^1]);
    }
}
