using Dynamo.Simulation.Reports;

namespace Dynamo.Cli.Bench;

/// <summary>What a run gave. Latencies in milliseconds, from the intended send times, of completed requests only.</summary>
internal sealed class BenchReport
{
    /// <summary>Counts.</summary>
    /// <param name="options">What was asked for.</param>
    /// <param name="model">Of whom.</param>
    /// <param name="records">What became of each request; order is of no account.</param>
    /// <param name="start">When the load began.</param>
    /// <param name="wallTime">From then until everything had ended.</param>
    public BenchReport(BenchOptions options, string model, IReadOnlyList<RequestRecord> records, TimeSpan start, TimeSpan wallTime)
    {
        Options = options;
        Model = model;
        WallTime = wallTime;
        RequestRecord[] completed = [.. records.Where(static record => record.IsCompleted)];
        RequestRecord[] failed =
            [.. records.Where(static record => record.Failure is not null).OrderBy(static record => record.Intended).ThenBy(static record => record.Index)];
        NumCompleted = completed.Length;
        NumFailed = failed.Length;
        NumCut = records.Count(static record => record.IsCut);
        FirstError = failed.Length > 0 ? failed[0].Error : null;
        Failures = Counts(failed.Select(static record => record.Failure));
        WorkerRequests = Counts(completed.Select(static record => record.Worker));

        TimeToFirst = new Distribution(completed.Select(static record => (record.First!.Value - record.Intended).TotalMilliseconds));
        TimePerToken = new Distribution(completed.Where(static record => record.NumOutputTokens > 1)
            .Select(static record => (record.Last - record.First!.Value).TotalMilliseconds / (record.NumOutputTokens - 1)));
        Gaps = new Distribution(completed.SelectMany(static record => record.Gaps).Select(static gap => (double)gap));
        EndToEnd = new Distribution(completed.Select(static record => (record.Last - record.Intended).TotalMilliseconds));
        SendDelay = new Distribution(records.Select(static record => (record.Sent - record.Intended).TotalMilliseconds));

        Duration = completed.Length == 0 ? TimeSpan.Zero : completed.Max(static record => record.Last) - start;
        NumOutputTokens = completed.Sum(static record => (long)record.NumOutputTokens);
        RequestRecord[] counted = [.. completed.Where(static record => record.Usage is not null)];
        NumUncounted = completed.Length - counted.Length;
        NumInputTokens = counted.Length > 0 ? counted.Sum(static record => (long)record.Usage!.Value.NumPromptTokens) : null;
        TokenUsage[] reuse = [.. counted.Select(static record => record.Usage!.Value).Where(static usage => usage is { NumCachedTokens: not null, NumPromptTokens: > 0 })];
        ReusedRatio = reuse.Length > 0
            ? reuse.Sum(static usage => (double)usage.NumCachedTokens!.Value) / reuse.Sum(static usage => (double)usage.NumPromptTokens)
            : null;
        int[] overlaps = [.. completed.Where(static record => record.NumOverlapTokens is not null).Select(static record => record.NumOverlapTokens!.Value)];
        MeanOverlapTokens = overlaps.Length > 0 ? overlaps.Average() : null;
    }

    /// <summary>What was asked for.</summary>
    public BenchOptions Options { get; }

    /// <summary>Of whom.</summary>
    public string Model { get; }

    /// <summary>From the intended send to the first piece.</summary>
    public Distribution TimeToFirst { get; }

    /// <summary>From the first piece to the last, for each token but the first; one sample for each request of at least two tokens.</summary>
    public Distribution TimePerToken { get; }

    /// <summary>Between pieces.</summary>
    public Distribution Gaps { get; }

    /// <summary>From the intended send to the last piece.</summary>
    public Distribution EndToEnd { get; }

    /// <summary>How late requests were sent: what of the latencies is the load generator's own. Of all requests.</summary>
    public Distribution SendDelay { get; }

    /// <summary>Requests that came whole.</summary>
    public int NumCompleted { get; }

    /// <summary>Requests that did not.</summary>
    public int NumFailed { get; }

    /// <summary>Requests that were on their way when the run was ended.</summary>
    public int NumCut { get; }

    /// <summary>Failed requests by HTTP status, or by word.</summary>
    public SortedDictionary<string, int> Failures { get; }

    /// <summary>The error of the failed request that was meant to be sent first; <see langword="null"/> when none failed.</summary>
    public string? FirstError { get; }

    /// <summary>Completed requests by worker; empty where the server does not tell.</summary>
    public SortedDictionary<string, int> WorkerRequests { get; }

    /// <summary>From the begin of the load to the last token.</summary>
    public TimeSpan Duration { get; }

    /// <summary>From the begin of the load until everything had ended.</summary>
    public TimeSpan WallTime { get; }

    /// <summary>Tokens of all answers.</summary>
    public long NumOutputTokens { get; }

    /// <summary>Tokens of all prompts by the server's count; <see langword="null"/> where it tells none.</summary>
    public long? NumInputTokens { get; }

    /// <summary>Completed requests without a count by the server: their answers' pieces are counted as tokens.</summary>
    public int NumUncounted { get; }

    /// <summary>Share of the prompts' tokens that was not computed again; <see langword="null"/> where the server does not tell.</summary>
    public double? ReusedRatio { get; }

    /// <summary>Prompt tokens that a request was thought to find at its worker, when it was routed; <see langword="null"/> where the server does not tell.</summary>
    public double? MeanOverlapTokens { get; }

    /// <summary>Tokens a second.</summary>
    public double OutputThroughput => Duration > TimeSpan.Zero ? NumOutputTokens / Duration.TotalSeconds : 0;

    /// <summary>Requests a second.</summary>
    public double RequestThroughput => Duration > TimeSpan.Zero ? NumCompleted / Duration.TotalSeconds : 0;

    private static SortedDictionary<string, int> Counts(IEnumerable<string?> names)
    {
        SortedDictionary<string, int> counts = new(StringComparer.Ordinal);
        foreach (string? name in names)
        {
            if (name is not null)
            {
                counts[name] = counts.GetValueOrDefault(name) + 1;
            }
        }

        return counts;
    }
}
