using System.Diagnostics;
using Dynamo.Benchmarks.Probes;

namespace Dynamo.Benchmarks.Serving;

/// <summary>Runs the cells of one cluster: the frontend, then nginx with what the frontend has just answered.</summary>
/// <param name="cluster">The cluster, ready.</param>
/// <param name="relay">nginx and what stands behind it; <see langword="null"/>: there is none.</param>
/// <param name="prompts">The prompts.</param>
internal sealed class LoadCellRunner(ServingCluster cluster, (NginxRelay Nginx, FakeUpstream Upstream)? relay, PromptWriter prompts)
{
    /// <summary>Of a cell's requests, how many warm it up before every round.</summary>
    public const double WarmUpShare = 0.25;

    /// <summary>Prompts of a round that are asked a second time.</summary>
    public const int NumAskedAgain = 8;

    private const string Path = "/v1/chat/completions";
    private const int PromptTokens = 64;
    private const double QuietJit = 0.03;

    // Compiling goes on beside the load at its own pace, so time counts as well as requests.
    private static readonly TimeSpan WarmUpPass = TimeSpan.FromSeconds(3);
    private static readonly TimeSpan MaxWarmUp = TimeSpan.FromSeconds(45);

    // The servers accept the connections of a load within this.
    private static readonly TimeSpan Rest = TimeSpan.FromMilliseconds(100);

    private readonly HostLoad _load = new([.. cluster.Processes.Select(static process => process.Process)]);

    /// <summary>Makes short prompts as long as they should be in this model's tokens.</summary>
    public void Calibrate()
    {
        LoadCell cell = new() { Name = "calibration", Speedup = 0, NumConnections = 1, NumRequests = 1, NumTokens = 1, IsStream = false };
        (int few, int many) = (8, 40);
        (double less, double more) = (Measure(few), Measure(many));
        prompts.NumWords = Math.Max(1, (int)Math.Round(few + ((PromptTokens - less) * (many - few) / (more - less))));

        double Measure(int numWords)
        {
            prompts.NumWords = numWords;
            (RawAnswer[] raws, _) = Ask(cell, cell.NumConnections, [.. Enumerable.Range(0, NumAskedAgain).Select(_ => prompts.Short())]);
            return raws.Average(raw => AnswerOracle.Check(cell, raw).NumPromptTokens);
        }
    }

    /// <summary>Asks until compilers have next to nothing left to do, in the frontend and the mockers.</summary>
    /// <returns>How many requests it took.</returns>
    public int WarmUp(LoadCell cell)
    {
        int count = 0;
        double share = 1;
        long start = Stopwatch.GetTimestamp();
        while (share > QuietJit && Stopwatch.GetElapsedTime(start) < MaxWarmUp)
        {
            long pass = Stopwatch.GetTimestamp();
            CpuMeter meter = new([cluster.Frontend.Id, .. cluster.Workers.Select(static worker => worker.Id)]);
            while (Stopwatch.GetElapsedTime(pass) < WarmUpPass)
            {
                WarmUp(cell, 1);
                count += cell.NumRequests;
            }

            share = meter.Read().JitShare;
        }

        return count;
    }

    /// <summary>Asks without counting.</summary>
    /// <param name="cell">The cell.</param>
    /// <param name="share">Of its requests, how many.</param>
    public void WarmUp(LoadCell cell, double share)
    {
        (RawAnswer[] raws, _) = Ask(cell, cell.NumConnections, Prompts(cell, Math.Max(cell.NumConnections, (int)(cell.NumRequests * share))));
        foreach (RawAnswer raw in raws)
        {
            AnswerOracle.Check(cell, raw);
        }
    }

    /// <summary>Runs a round.</summary>
    /// <exception cref="BenchmarkFault">An answer is wrong.</exception>
    public ServingSample Measure(LoadCell cell)
    {
        string[] texts = Prompts(cell, cell.NumRequests);
        using LoadRun run = new(cluster.Port, cell.NumConnections, Requests(cell, texts, static _ => Path));
        Thread.Sleep(Rest);
        CpuMeter frontendMeter = new([cluster.Frontend.Id]);
        CpuMeter workersMeter = new(cluster.Workers.Select(static worker => worker.Id));
        _load.OthersShare();
        run.Run();
        CpuUse frontend = frontendMeter.Read();
        CpuUse workers = workersMeter.Read();
        double others = _load.OthersShare();

        Answer[] answers = [.. run.Answers.Select(raw => AnswerOracle.Check(cell, raw))];
        CheckAgain(cell, texts, answers);
        (CpuUse? nginx, double perSecond) = relay is { } peer ? Relay(cell, peer.Nginx, peer.Upstream, texts, run.Answers) : (null, 0);
        return new ServingSample(LatencyFigures.Of(run.Duration, run.Answers, answers), frontend, workers, nginx, perSecond, others);
    }

    // Streamed or whole, busy or not, alone or beside others: one prompt has one text.
    private void CheckAgain(LoadCell cell, string[] texts, Answer[] answers)
    {
        int[] chosen = [.. Enumerable.Range(0, Math.Min(NumAskedAgain, texts.Length)).Select(i => i * texts.Length / NumAskedAgain)];
        LoadCell whole = cell with { IsStream = false };
        (RawAnswer[] again, _) = Ask(whole, NumAskedAgain, [.. chosen.Select(i => texts[i])]);
        for (int i = 0; i < chosen.Length; i++)
        {
            AnswerOracle.CheckSame(cell, answers[chosen[i]].Text, AnswerOracle.Check(whole, again[i]).Text);
        }
    }

    private (CpuUse Use, double RequestsPerSecond) Relay(LoadCell cell, NginxRelay nginx, FakeUpstream upstream, string[] texts, RawAnswer[] answers)
    {
        Recording[] recordings = [.. answers.Select(Recording.Of)];
        upstream.Set(recordings);
        byte[][] requests = Requests(cell, texts, FakeUpstream.PathOf);

        // Opens its connections to the upstream.
        using (LoadRun warmUp = new(nginx.Port, cell.NumConnections, requests[..Math.Max(cell.NumConnections, (int)(requests.Length * WarmUpShare))]))
        {
            warmUp.Run();
        }

        using LoadRun run = new(nginx.Port, cell.NumConnections, requests);
        Thread.Sleep(Rest);
        CpuMeter meter = new([nginx.WorkerId]);
        run.Run();
        CpuUse use = meter.Read();
        for (int i = 0; i < recordings.Length; i++)
        {
            AnswerOracle.CheckRelayed(cell, recordings[i].Body, run.Answers[i]);
        }

        return (use, requests.Length / run.Duration.TotalSeconds);
    }

    private (RawAnswer[] Answers, TimeSpan Duration) Ask(LoadCell cell, int numConnections, string[] texts)
    {
        using LoadRun run = new(cluster.Port, numConnections, Requests(cell, texts, static _ => Path));
        run.Run();
        return (run.Answers, run.Duration);
    }

    private string[] Prompts(LoadCell cell, int count) =>
        [.. Enumerable.Range(0, count).Select(_ => cell.NumSharedCharacters > 0 ? prompts.Long(cell.NumSharedCharacters) : prompts.Short())];

    private static byte[][] Requests(LoadCell cell, string[] texts, Func<int, string> pathOf) =>
        [.. texts.Select((text, i) => HttpRequests.Chat(pathOf(i), text, cell.NumTokens, cell.IsStream))];
}
