using System.Text.Json.Nodes;
using Dynamo.Cli.Bench;
using Xunit;

namespace Dynamo.UnitTests.Cli.Bench;

public sealed class BenchReportTests
{
    private static readonly BenchOptions Options = new() { Servers = [new Uri("http://one/"), new Uri("http://two/")], Rate = 2, NumRequests = 4 };

    // Begun at 1,000 ms. Two whole ones, a refused one, a broken one, one cut off.
    private static BenchReport Report() => new(
        Options,
        "demo",
        [
            Record(1, intended: 1500, sent: 1504, [1700, 1750], new TokenUsage(100, 3, 60), "b"),
            Record(0, intended: 1000, sent: 1000, [1100, 1120, 1160], new TokenUsage(100, 3, 0), "a"),
            Failed(3, intended: 2500, "broken_stream", "gone"),
            Failed(2, intended: 2000, "503", "503 busy"),
            CutOff(4, intended: 3000),
        ],
        TimeSpan.FromMilliseconds(1000),
        TimeSpan.FromMilliseconds(2000));

    [Fact]
    public void Latencies_CountFromTheIntendedTimes()
    {
        BenchReport report = Report();

        Assert.Equal((150, 200), (report.TimeToFirst.Mean, report.TimeToFirst.Max));
        Assert.Equal((205, 250), (report.EndToEnd.Mean, report.EndToEnd.Max));
        Assert.Equal(27.5, report.TimePerToken.Mean);
        Assert.Equal((3, 50), (report.Gaps.Count, report.Gaps.Max));
        Assert.Equal(0.8, report.SendDelay.Mean, 9);
    }

    [Fact]
    public void Counts_KeepWholeFailedAndCutApart()
    {
        BenchReport report = Report();

        Assert.Equal((2, 2, 1), (report.NumCompleted, report.NumFailed, report.NumCut));
        Assert.Equal("503 busy", report.FirstError);
        Assert.Equal([new("503", 1), new("broken_stream", 1)], report.Failures);
        Assert.Equal([new("a", 1), new("b", 1)], report.WorkerRequests);
    }

    [Fact]
    public void Throughput_IsOfTheTimeFromTheBeginToTheLastToken()
    {
        BenchReport report = Report();

        Assert.Equal(750, report.Duration.TotalMilliseconds);
        Assert.Equal(8, report.OutputThroughput);
        Assert.Equal(2 / 0.75, report.RequestThroughput);
        Assert.Equal(0.3, report.ReusedRatio);
    }

    [Fact]
    public void ManyWorkers_AreOneRangeInTheTable()
    {
        RequestRecord[] records = [.. Enumerable.Range(0, 12).Select(static i => Record(i, 1000, 1000, [1100], usage: null, $"w{i % 9}"))];
        StringWriter output = new();

        BenchReportTable.Write(new BenchReport(Options, "demo", records, TimeSpan.FromMilliseconds(1000), TimeSpan.FromMilliseconds(2000)), output);

        Assert.Contains("requests by worker        9 workers, 1 to 2 each; --json names them\n", output.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public void ServerThatTellsNothing_LeavesFiguresOut()
    {
        BenchReport report = new(Options, "demo", [Record(0, 0, 0, [10, 20], null, null)], TimeSpan.Zero, TimeSpan.FromMilliseconds(20));

        Assert.Equal((2, 1), (report.NumOutputTokens, report.NumUncounted));
        Assert.Null(report.NumInputTokens);
        Assert.Null(report.ReusedRatio);
        Assert.DoesNotContain("prefix_cache_reused_ratio", BenchReportJson.Of(report));
    }

    [Fact]
    public void NothingCompleted_IsZeroNotAFault()
    {
        BenchReport report = new(Options, "demo", [], TimeSpan.Zero, TimeSpan.Zero);

        Assert.Equal((0, 0, 0), (report.OutputThroughput, report.RequestThroughput, report.TimeToFirst.Percentile(0.99)));
        Assert.DoesNotContain("ttft", BenchReportJson.Of(report));
    }

    [Fact]
    public void Json_HasTheNamesOfTheSimulatorsRows()
    {
        JsonObject json = JsonNode.Parse(BenchReportJson.Of(Report()))!.AsObject();

        foreach (string name in new[]
        {
            "mean_ttft_ms", "median_ttft_ms", "p90_ttft_ms", "p99_ttft_ms", "mean_tpot_ms", "median_tpot_ms", "p90_tpot_ms", "p99_tpot_ms", "mean_itl_ms", "p99_itl_ms",
            "mean_e2e_latency_ms", "p90_e2e_latency_ms", "p99_e2e_latency_ms", "output_throughput_tok_s", "request_throughput_rps", "duration_ms",
            "prefix_cache_reused_ratio", "completed_requests", "wall_time_ms",
        })
        {
            Assert.True(json.ContainsKey(name), name);
        }

        Assert.Equal(150, (double)json["mean_ttft_ms"]!);
        Assert.Equal(1, (int)json["failures"]!["503"]!);
        Assert.Equal(1, (int)json["worker_requests"]!["b"]!);
        Assert.Equal(2, (double)json["request_rate_rps"]!);
    }

    [Fact]
    public void Table_IsReadable()
    {
        StringWriter output = new();
        BenchReportTable.Write(Report(), output);

        Assert.Contains("demo, 512 tokens in, 128 out, 2 requests/s, even", output.ToString());
        Assert.Contains("time to first token             150.00      150.00      190.00      199.00      200.00", output.ToString());
        Assert.Contains("2 completed, 2 failed, 1 cut off, in 0.75 s", output.ToString());
        Assert.Contains("prompt tokens reused      30.0", output.ToString());
        Assert.Contains("503: 1, broken_stream: 1", output.ToString());
    }

    private static RequestRecord Record(int index, int intended, int sent, int[] pieces, TokenUsage? usage, string? worker)
    {
        RequestRecord record = New(index, intended, sent);
        foreach (int piece in pieces)
        {
            record.Add(TimeSpan.FromMilliseconds(piece), hasText: true);
        }

        record.Usage = usage;
        record.Worker = worker;
        return record;
    }

    private static RequestRecord Failed(int index, int intended, string failure, string error)
    {
        RequestRecord record = New(index, intended, intended);
        record.Fail(failure, error);
        return record;
    }

    private static RequestRecord CutOff(int index, int intended)
    {
        RequestRecord record = New(index, intended, intended);
        record.Cut();
        return record;
    }

    private static RequestRecord New(int index, int intended, int sent) => new(index, TimeSpan.FromMilliseconds(intended), TimeSpan.FromMilliseconds(sent), 3);
}
