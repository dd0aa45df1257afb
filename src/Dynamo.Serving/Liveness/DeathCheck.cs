using System.Collections.Concurrent;
using Dynamo.Protocol.Load;
using Dynamo.Serving.Catalog;

namespace Dynamo.Serving.Liveness;

/// <summary>
/// Tells a worker that is gone from a worker that is slow: the silo's port refuses connections. A refused connection is a fact, where silence is an opinion, so
/// the sequences there move at once, no request goes there, and the cluster declares the silo dead. Thread-safe.
/// </summary>
internal sealed partial class DeathCheck(
    ISiloPort port,
    IWorkerLocator workers,
    WorkerWatch watch,
    IClusterMembershipService membership,
    TimeProvider time,
    ILogger<DeathCheck> logger)
{
    /// <summary>A worker that has sent no frame for this long has its port probed; between two probes of a port.</summary>
    public static readonly TimeSpan Interval = TimeSpan.FromMilliseconds(100);

    private readonly ConcurrentDictionary<SiloAddress, Probe> _probes = [];

    /// <summary>Probes, at most once in <see cref="Interval"/> for any number of callers.</summary>
    /// <returns>Whether the worker's process is gone; <see langword="false"/> when that is not known.</returns>
    public Task<bool> IsGoneAsync(WorkerId worker)
    {
        if (workers.InstanceOf(worker) is not { } instance)
        {
            return Task.FromResult(false);
        }

        while (true)
        {
            if (_probes.TryGetValue(instance.Head, out Probe? probe))
            {
                if (!probe.Answer.IsValueCreated || !probe.Answer.Value.IsCompleted || time.GetElapsedTime(probe.Start) < Interval)
                {
                    return probe.Answer.Value;
                }

                _probes.TryRemove(new KeyValuePair<SiloAddress, Probe>(instance.Head, probe));
            }

            _probes.TryAdd(instance.Head, new Probe(time.GetTimestamp(), new Lazy<Task<bool>>(() => ProbeAsync(instance.Head))));
        }
    }

    private async Task<bool> ProbeAsync(SiloAddress silo)
    {
        if (!await port.IsRefusedAsync(silo))
        {
            return false;
        }

        LogGone(silo);
        foreach (WorkerId worker in workers.WorkersOf(silo))
        {
            watch.GiveUp(worker);
        }

        _ = DeclareDeadAsync(silo);
        return true;
    }

    // A silo that is leaving closes its port by itself, and its membership status says so.
    private async Task DeclareDeadAsync(SiloAddress silo)
    {
        if (membership.CurrentSnapshot.GetSiloStatus(silo) != SiloStatus.Active)
        {
            return;
        }

        try
        {
            await membership.TryKill(silo);
        }
        catch (Exception e)
        {
            // Redis is away, for one. Orleans finds out by its own probes once it can be written down.
            LogNotDeclared(e, silo);
        }
    }

    [LoggerMessage(LogLevel.Warning, "Nobody listens at {Silo} any more: its process is gone.")]
    private partial void LogGone(SiloAddress silo);

    [LoggerMessage(LogLevel.Debug, "Silo {Silo} could not be declared dead.")]
    private partial void LogNotDeclared(Exception exception, SiloAddress silo);

    private sealed record Probe(long Start, Lazy<Task<bool>> Answer);
}
