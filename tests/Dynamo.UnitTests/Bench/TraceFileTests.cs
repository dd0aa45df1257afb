using Dynamo.Cli.Bench;
using Xunit;

namespace Dynamo.UnitTests.Bench;

public sealed class TraceFileTests
{
    [Fact]
    public void Lines_AreRequests()
    {
        List<TraceRequest> trace = Read("""
            {"timestamp": 0, "input_length": 17, "output_length": 3, "hash_ids": [1, 2], "other": true}

            {"timestamp": 27.5, "input_length": 16, "output_length": 1, "hash_ids": [1]}
            """);

        Assert.Equal(2, trace.Count);
        Assert.Equal([1, 2], trace[0].Blocks);
        Assert.Equal((27.5, 16, 1), (trace[1].ArrivalMilliseconds, trace[1].NumInputTokens, trace[1].NumOutputTokens));
    }

    [Theory]
    [InlineData("", "it has no requests")]
    [InlineData("x", "line 1 is not a request")]
    [InlineData("{}", "line 1 needs timestamp")]
    [InlineData("""{"timestamp":0,"input_length":17,"output_length":3,"hash_ids":[1]}""", "17 tokens are 2 blocks of 16: is --trace-block-size another?")]
    [InlineData("{\"timestamp\":5,\"input_length\":1,\"output_length\":3,\"hash_ids\":[1]}\n{\"timestamp\":4,\"input_length\":1,\"output_length\":3,\"hash_ids\":[1]}", "line 2 arrives before")]
    public void WhatIsNoTrace_IsNamed(string text, string expected) => Assert.Contains(expected, Assert.Throws<FormatException>(() => Read(text)).Message);

    private static List<TraceRequest> Read(string text) => TraceFile.Read(new StringReader(text), blockSize: 16);
}
