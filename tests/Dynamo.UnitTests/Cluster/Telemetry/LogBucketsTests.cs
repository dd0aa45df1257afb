using Dynamo.Cluster.Telemetry;
using Xunit;

namespace Dynamo.UnitTests.Cluster.Telemetry;

public sealed class LogBucketsTests
{
    [Fact]
    public void Create_IsAsDynamosFrontendMakesThem()
    {
        Assert.Equal([0, 2, 4, 8, 16, 32, 64, 130, 260, 510], LogBuckets.Create(1, 512, 10));
        Assert.Equal([0, 100, 210, 430, 870, 1800, 3600, 7400, 15_000, 31_000, 63_000, 130_000], LogBuckets.Create(50, 128_000, 12));
        Assert.Equal(18, LogBuckets.Create(0.001, 480, 18).Length);
        Assert.Equal(0.0022, LogBuckets.Create(0.001, 480, 18)[1]);
    }

    [Fact]
    public void RequestDuration_TellsTenMillisecondsFromTwenty_AndAMinuteFromTwo()
    {
        Assert.Contains(LogBuckets.RequestDuration, static bound => bound is >= 0.01 and < 0.02);
        Assert.Contains(LogBuckets.RequestDuration, static bound => bound is >= 60 and < 120);
        Assert.True(LogBuckets.RequestDuration[1] < 0.01);
    }
}
