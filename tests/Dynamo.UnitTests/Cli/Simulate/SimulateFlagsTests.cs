using System.CommandLine;
using Dynamo.Cli.Input;
using Dynamo.Cli.Simulate;
using Dynamo.Simulation.Configuration;
using Xunit;

namespace Dynamo.UnitTests.Cli.Simulate;

public sealed class SimulateFlagsTests
{
    // Any file that is there will do: it is not read.
    private static readonly string Trace = typeof(SimulateFlagsTests).Assembly.Location;

    [Fact]
    public void NothingGiven_FourAlikeWorkersThatDoBoth()
    {
        SimulationConfig config = Read();

        Assert.Equal((4, null, 0, 0.0, 0.0, 0.0), (config.NumWorkers, config.Disaggregation, config.WorkerSpeeds.Count, config.ReportDelayMilliseconds, config.EventDelayMilliseconds, config.CancelRate));
    }

    [Fact]
    public void PrefillAndDecodeWorkers_AreApart()
    {
        SimulationConfig config = Read("--prefill-workers", "2", "--decode-workers", "3", "--kv-transfer-bandwidth", "25", "--kv-bytes-per-token", "1000", "--conditional-disagg");

        Assert.Equal(5, config.NumWorkers);
        Assert.Equal(new DisaggregationConfig { NumPrefillWorkers = 2, TransferGigabytesPerSecond = 25, KVBytesPerToken = 1000, IsConditional = true }, config.Disaggregation);
    }

    [Fact]
    public void Trouble_IsRead()
    {
        SimulationConfig config = Read("--workers", "3", "--worker-speed", "1,1,0.5", "--report-delay-ms", "50", "--event-delay-ms", "500", "--cancel-rate", "0.1");

        Assert.Equal([1, 1, 0.5], config.WorkerSpeeds);
        Assert.Equal((50.0, 500.0, 0.1), (config.ReportDelayMilliseconds, config.EventDelayMilliseconds, config.CancelRate));
    }

    [Theory]
    [InlineData("--workers 4 --prefill-workers 2 --decode-workers 2", "--workers excludes --prefill-workers and --decode-workers: a worker does both or one of them.")]
    [InlineData("--prefill-workers 2", "--prefill-workers needs --decode-workers: give both or neither.")]
    [InlineData("--decode-workers 2", "--decode-workers needs --prefill-workers: give both or neither.")]
    [InlineData("--prefill-workers 0 --decode-workers 2", "--prefill-workers must be 1 to 4096, is 0.")]
    [InlineData("--conditional-disagg", "--conditional-disagg needs --prefill-workers and --decode-workers.")]
    [InlineData("--kv-transfer-bandwidth 8", "--kv-transfer-bandwidth needs --prefill-workers and --decode-workers.")]
    [InlineData("--prefill-workers 1 --decode-workers 1 --kv-transfer-bandwidth -1", "--kv-transfer-bandwidth must be 0 to 100000, is -1.")]
    [InlineData("--prefill-workers 1 --decode-workers 1 --kv-bytes-per-token 0", "--kv-bytes-per-token must be 1 to 16777216, is 0.")]
    [InlineData("--workers 2 --worker-speed 1", "--worker-speed needs a number for each of the 2 workers, has 1.")]
    [InlineData("--workers 2 --worker-speed 1,fast", "--worker-speed takes numbers of 0.01 to 100, has 'fast'.")]
    [InlineData("--report-delay-ms 60001", "--report-delay-ms must be 0 to 60000, is 60001.")]
    [InlineData("--router-kv-overlap-score-credit 0", "--router-kv-overlap-score-credit is a parameter of Dynamo's cost: it needs --router-cost dynamo.")]
    [InlineData("--json /no/such/a.json", "--json /no/such/a.json: there is no folder /no/such.")]
    [InlineData("--json /", "--json / is a folder; give a file's name.")]
    [InlineData("--cancel-rate 1.5", "--cancel-rate must be 0 to 1, is 1.5.")]
    public void WhatCannotBe_IsSaid(string flags, string fault) =>
        Assert.Equal(fault, Assert.Throws<CommandFault>(() => Read(flags.Split(' '))).Message);

    private static SimulationConfig Read(params string[] flags)
    {
        SimulateFlags sut = new();
        Command command = new("simulate");
        sut.AddTo(command);
        return sut.Read(command.Parse([Trace, .. flags])).Config;
    }
}
