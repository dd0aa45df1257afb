using Dynamo.Hosting.Telemetry;
using Xunit;

namespace Dynamo.UnitTests.Hosting.Telemetry;

public sealed class BucketVariablesTests
{
    [Fact]
    public void Unset_EveryMetricKeepsItsOwn() => Assert.Empty(Read([]).Buckets);

    [Fact]
    public void MinMaxAndCount_AreSpacedByTheLogarithm()
    {
        TelemetryOptions options = Read(new() { ["DYN_METRICS_TTFT_MIN"] = "1", ["DYN_METRICS_TTFT_MAX"] = "512", ["DYN_METRICS_TTFT_COUNT"] = "10" });

        Assert.Equal([0, 2, 4, 8, 16, 32, 64, 130, 260, 510], options.Buckets["dynamo_frontend_time_to_first_token_seconds"]);
    }

    [Fact]
    public void CountAlone_KeepsTheRange()
    {
        double[] bounds = Read(new() { ["DYN_METRICS_ITL_COUNT"] = "50" }).Buckets["dynamo_frontend_inter_token_latency_seconds"];

        Assert.InRange(bounds.Length, 45, 50);
        Assert.Equal(80, bounds[^1]);
    }

    [Fact]
    public void WhatCannotBe_IsNamedAllAtOnce()
    {
        ArgumentException fault = Assert.Throws<ArgumentException>(() => Read(new()
        {
            ["DYN_METRICS_TTFT_MIN"] = "soon",
            ["DYN_METRICS_ITL_MIN"] = "9",
            ["DYN_METRICS_ITL_MAX"] = "3",
            ["DYN_METRICS_INPUT_SEQUENCE_COUNT"] = "1.5",
        }));

        Assert.Equal(
            "DYN_METRICS_TTFT_MIN must be a number, is 'soon'. DYN_METRICS_ITL_MIN must be above 0 and below DYN_METRICS_ITL_MAX; they are 9 and 3. "
            + "DYN_METRICS_INPUT_SEQUENCE_COUNT must be a whole number from 2 to 500, is 1.5.",
            fault.Message);
    }

    private static TelemetryOptions Read(Dictionary<string, string> variables) => TelemetryOptions.FromEnvironment(variables.GetValueOrDefault);
}
