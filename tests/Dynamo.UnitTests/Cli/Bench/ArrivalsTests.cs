using Dynamo.Cli.Bench;
using Dynamo.Simulation.Traces;
using Xunit;

namespace Dynamo.UnitTests.Cli.Bench;

public sealed class ArrivalsTests
{
    [Fact]
    public void Even_BeginsAtOnceAndKeepsItsGap() => Assert.Equal([0, 250, 500, 750], Milliseconds(Arrivals.Even(4).Take(4)));

    [Fact]
    public void Even_RateThatDividesNothing_DoesNotDrift() => Assert.Equal(TimeSpan.FromSeconds(1_000_000), Arrivals.Even(3).ElementAt(3_000_000));

    [Fact]
    public void Poisson_GapsAreTheNegativeLogarithmOfChance() =>
        Assert.Equal([Math.Log(2) * 500, Math.Log(2) * 1000], Milliseconds(Arrivals.Poisson(2, new Always(0.5)).Take(2)), Same);

    [Fact]
    public void Poisson_HasItsRateAndItsSpread()
    {
        double[] times = [.. Milliseconds(Arrivals.Poisson(100, new Random(7)).Take(100_000))];
        double[] gaps = [.. times.Zip(times.Skip(1), static (a, b) => b - a)];
        double mean = gaps.Average();
        double deviation = Math.Sqrt(gaps.Average(gap => (gap - mean) * (gap - mean)));

        Assert.InRange(mean, 9.9, 10.1);
        Assert.InRange(deviation, 9.8, 10.2);
    }

    [Fact]
    public void Recorded_BeginsAtTheFirstRequestAndIsDividedBySpeed()
    {
        TraceRequest[] trace = [new(1000, 1, 1, [0]), new(1500, 1, 1, [0]), new(3000, 1, 1, [0])];

        Assert.Equal([0, 125, 500], Milliseconds(Arrivals.Recorded(trace, speed: 4)));
    }

    private static IEnumerable<double> Milliseconds(IEnumerable<TimeSpan> times) => times.Select(static time => time.TotalMilliseconds);

    private static bool Same(double a, double b) => Math.Abs(a - b) < 0.001;

    private sealed class Always(double value) : Random
    {
        public override double NextDouble() => value;
    }
}
