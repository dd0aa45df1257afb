using System.CommandLine;
using Dynamo.Cli.Bench;
using Dynamo.Cli.Input;
using Xunit;

namespace Dynamo.UnitTests.Cli.Bench;

public sealed class BenchFlagsTests
{
    [Fact]
    public void EverythingGiven_IsTaken()
    {
        BenchOptions options = Read(
            "http://a:1,http://b:2/ --model m --rate 2.5 --poisson --requests 10 --duration 3 --input-tokens 100 --output-tokens 7 --prefix-groups 4 --prefix-tokens 64 "
                + "--seed 9 --warmup 2 --api chat --token-ids 5-50 --timeout 1.5 --json -");

        Assert.Equal(["http://a:1/", "http://b:2/"], options.Servers.Select(static server => server.ToString()));
        Assert.Equal(("m", 2.5, true, 10), (options.Model, options.Rate, options.IsPoisson, options.NumRequests));
        Assert.Equal((TimeSpan.FromSeconds(3), 100, 7, 4, 64), (options.Duration, options.NumInputTokens, options.NumOutputTokens, options.NumPrefixGroups, options.NumPrefixTokens));
        Assert.Equal((9, 2, BenchApi.Chat, 5, 50), (options.Seed, options.NumWarmUps, options.Api, options.LowestToken, options.HighestToken));
        Assert.Equal((TimeSpan.FromSeconds(1.5), "-"), (options.Timeout, options.JsonPath));
    }

    [Theory]
    [InlineData("http://a", "How to load must be said: --concurrency N, --rate R or --trace FILE. How much to send must be said: --requests N, --duration S or both.")]
    [InlineData("ftp://a --concurrency 0 --rate 1 --requests 1", "A server must be an http or https address, is 'ftp://a'. --concurrency must be 1 to 65536, is 0. --concurrency and --rate exclude each other")]
    [InlineData(",, --rate 0 --requests 0", "At least one server must be given, for example http://127.0.0.1:8000. --rate must be 0.001 to 1000000, is 0. --requests must be at least 1, is 0.")]
    [InlineData("http://a --concurrency 1 --requests 1 --poisson --speed 2", "--poisson needs --rate. --speed needs --trace")]
    [InlineData("http://a --concurrency 1 --requests 1 --api grpc --token-ids 9", "--token-ids must be two ids, the lower one first, for example 100-999, is '9'. --api must be completions or chat, is 'grpc'.")]
    [InlineData("http://a --concurrency 1 --requests 1 --prefix-groups 2", "--prefix-groups and --prefix-tokens need each other.")]
    [InlineData("http://a --concurrency 1 --requests 1 --input-tokens 8 --prefix-groups 2 --prefix-tokens 8", "--prefix-tokens must be fewer than --input-tokens, 8, is 8.")]
    [InlineData("http://a --trace /no/such --input-tokens 8 --rate 1 --speed 2", "--speed needs --trace, and neither --concurrency nor --rate: it is the trace's times that it divides. --trace /no/such: there is no such file. --input-tokens and --output-tokens do not go with --trace")]
    [InlineData("http://a --concurrency 1 --requests 1 --json /no/such/a.json", "--json /no/such/a.json: there is no folder /no/such.")]
    [InlineData("http://a --concurrency 1 --duration NaN", "--duration must be 0.001 to 1000000, is NaN.")]
    public void WhatCannotBe_IsSaidAllAtOnce(string arguments, string expected) => Assert.Contains(expected, Assert.Throws<CommandFault>(() => Read(arguments)).Message);

    private static BenchOptions Read(string arguments)
    {
        BenchFlags flags = new();
        Command command = new("bench");
        flags.AddTo(command);
        return flags.Read(command.Parse(arguments.Split(' ')));
    }
}
