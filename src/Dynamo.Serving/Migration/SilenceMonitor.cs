using System.Collections.Concurrent;
using Dynamo.Abstractions.Instances;
using Dynamo.Cluster.Calls;
using Dynamo.Protocol.Load;
using Dynamo.Serving.Catalog;
using Dynamo.Serving.Liveness;
using Dynamo.Serving.Streams;

namespace Dynamo.Serving.Migration;

/// <summary>Moves the sequences of workers that have fallen silent or are gone, and asks suspects now and then whether they are back.</summary>
internal sealed partial class SilenceMonitor(
    WorkerWatch watch,
    DeathCheck deaths,
    StreamMover mover,
    IWorkerLocator workers,
    IGrainFactory grains,
    TimeProvider time,
    ILogger<SilenceMonitor> logger) : BackgroundService
{
    private static readonly TimeSpan Interval = TimeSpan.FromMilliseconds(50);
    private static readonly TimeSpan ProbeInterval = TimeSpan.FromMilliseconds(500);
    private static readonly TimeSpan ProbeTimeout = TimeSpan.FromSeconds(1);

    private readonly ConcurrentDictionary<WorkerId, bool> _probed = [];

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        while (!stoppingToken.IsCancellationRequested)
        {
            await watch.UntilNeededAsync(stoppingToken);
            await WatchAsync(stoppingToken);
        }
    }

    private async Task WatchAsync(CancellationToken stoppingToken)
    {
        using PeriodicTimer timer = new(Interval, time);
        long lastProbe = time.GetTimestamp();
        while (watch.IsNeeded && await timer.WaitForNextTickAsync(stoppingToken))
        {
            foreach ((WorkerId worker, SequenceStream[] streams) in watch.RemoveSilent(Interval))
            {
                LogSilent(worker, streams.Length);
                MoveAll(worker, streams);
            }

            foreach (WorkerId worker in watch.SilentFor(DeathCheck.Interval))
            {
                _ = deaths.IsGoneAsync(worker);
            }

            if (time.GetElapsedTime(lastProbe) >= ProbeInterval)
            {
                lastProbe = time.GetTimestamp();
                Probe();
            }
        }
    }

    /// <summary>Moves what ran at a worker.</summary>
    public void MoveAll(WorkerId worker, SequenceStream[] streams)
    {
        foreach (SequenceStream stream in streams)
        {
            if (stream.TryLeave(worker))
            {
                mover.Move(stream, worker);
            }
        }
    }

    private void Probe()
    {
        foreach (WorkerId suspect in watch.Suspects)
        {
            if (workers.InstanceOf(suspect) is not { } instance)
            {
                // The suspect's instance is gone for good; it will not be offered again.
                watch.Clear(suspect);
            }
            else if (_probed.TryAdd(suspect, true))
            {
                _ = ProbeAsync(suspect, instance);
            }
        }
    }

    private async Task ProbeAsync(WorkerId suspect, InstanceKey instance)
    {
        // The suspect is asked anew after a while, because a question may be lost; a late answer is an answer all the same.
        Task answered = ClearAsync(suspect, grains.GetGrain<IModelInstanceGrain>(instance.ToString()).ReportAsync());
        await answered.WaitAsync(ProbeTimeout, time).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        _probed.TryRemove(suspect, out _);
    }

    private async Task ClearAsync(WorkerId suspect, Task<InstanceReport> answer)
    {
        try
        {
            await answer;
            if (watch.Clear(suspect))
            {
                LogBack(suspect);
            }
        }
        catch (Exception e) when (FailedCalls.IsUnreachable(e))
        {
            // Still away.
        }
    }

    [LoggerMessage(LogLevel.Warning, "Worker {Worker} says nothing; {NumStreams} sequences move.")]
    private partial void LogSilent(WorkerId worker, int numStreams);

    [LoggerMessage(LogLevel.Information, "Worker {Worker} answers again.")]
    private partial void LogBack(WorkerId worker);
}
