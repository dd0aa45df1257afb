using System.Diagnostics;
using System.Net.Sockets;

namespace Dynamo.Benchmarks.Serving;

/// <summary>Starts clusters of a frontend and a mocker that waits for nothing, asks each twice, and lets the last one rest.</summary>
/// <param name="programs">What is started.</param>
/// <param name="options">How often, and how long it rests.</param>
internal sealed class StartProbe(Programs programs, ServingOptions options)
{
    // The prompt is as long as a short one in most vocabularies; what it is made of does not matter.
    private static readonly LoadCell Cell = new() { Name = "start", Speedup = 1e9, NumConnections = 1, NumRequests = 1, NumTokens = 16, IsStream = true };

    /// <summary>The starts.</summary>
    public List<StartSample> Samples { get; } = [];

    /// <summary>What the frontend used while it rested; <see langword="null"/>: it did not.</summary>
    public CpuUse? IdleFrontend { get; private set; }

    /// <summary>What the mocker used.</summary>
    public CpuUse? IdleWorker { get; private set; }

    /// <summary>Runs all.</summary>
    public void Run(CancellationToken cancellationToken)
    {
        for (int i = 0; i < options.NumStarts; i++)
        {
            cancellationToken.ThrowIfCancellationRequested();
            using ServingCluster cluster = new(programs, numWorkers: 1, Cell.Speedup);
            Samples.Add(Start(cluster, new PromptWriter(options.Seed)));
            if (i == options.NumStarts - 1 && options.IdleSeconds > 0)
            {
                cancellationToken.WaitHandle.WaitOne(TimeSpan.FromSeconds(options.SettleSeconds));
                CpuMeter frontend = new([cluster.Frontend.Id]);
                CpuMeter worker = new([cluster.Workers[0].Id]);
                cancellationToken.WaitHandle.WaitOne(TimeSpan.FromSeconds(options.IdleSeconds));
                (IdleFrontend, IdleWorker) = (frontend.Read(), worker.Read());
            }
        }
    }

    private static StartSample Start(ServingCluster cluster, PromptWriter prompts)
    {
        // The frontend is started first, the mocker within a millisecond.
        long start = cluster.Frontend.StartedAt;
        cluster.WaitUntilHealthy();
        double healthy = Stopwatch.GetElapsedTime(start).TotalSeconds;
        double first = Ask(cluster.Port, prompts);
        double answered = Stopwatch.GetElapsedTime(start).TotalSeconds;
        CpuUse frontend = CpuSnapshot.Of(cluster.Frontend.Id).Whole();
        CpuUse worker = CpuSnapshot.Of(cluster.Workers[0].Id).Whole();
        double second = Ask(cluster.Port, prompts);
        return new StartSample(
            healthy,
            answered,
            first,
            second,
            frontend.Seconds,
            worker.Seconds,
            ProcessMemory.Of(cluster.Frontend.Id),
            ProcessMemory.Of(cluster.Workers[0].Id));
    }

    private static double Ask(int port, PromptWriter prompts)
    {
        try
        {
            using LoadConnection connection = new(port);
            RawAnswer raw = connection.Ask(HttpRequests.Chat("/v1/chat/completions", prompts.Short(), Cell.NumTokens, Cell.IsStream));
            Answer answer = AnswerOracle.Check(Cell, raw);
            return Stopwatch.GetElapsedTime(raw.SentAt, raw.Arrivals[raw.ArrivalOf(answer.Pieces[0])].Timestamp).TotalMilliseconds;
        }
        catch (SocketException e)
        {
            throw new BenchmarkFault($"one of the first requests was not answered: {e.Message}.");
        }
    }
}
