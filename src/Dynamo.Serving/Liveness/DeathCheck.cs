using System.Collections.Concurrent;
using Dynamo.Protocol.Load;
using Dynamo.Serving.Catalog;

namespace Dynamo.Serving.Liveness;

/// <summary>
/// Tells a worker that is gone from one that is slow: nobody listens at its silo's port any more. That is a fact (design §4), so what ran there
/// moves at once, no request goes there, and the cluster is told. Thread-safe.
/// </summary>
internal sealed partial class DeathCheck(
    ISiloPort port,
    IWorkerLocator workers,
    WorkerWatch watch,
    IClusterMembershipService membership,
    TimeProvider time,
    ILogger<DeathCheck> logger)
{
    /// <summary>A worker that has said nothing for this long is worth a look at its port.</summary>
    public static readonly TimeSpan Patience = TimeSpan.FromMilliseconds(100);

    private readonly ConcurrentDictionary<SiloAddress, Look> _looks = [];

    /// <summary>Looks, at most once in <see cref="Patience"/> however many ask.</summary>
    /// <returns>Whether the worker's process is gone; <see langword="false"/> when that is not known.</returns>
    public Task<bool> IsGoneAsync(WorkerId worker)
    {
        if (workers.InstanceOf(worker) is not { } instance)
        {
            return Task.FromResult(false);
        }

        while (true)
        {
            if (_looks.TryGetValue(instance.Head, out Look? look))
            {
                if (!look.Answer.IsValueCreated || !look.Answer.Value.IsCompleted || time.GetElapsedTime(look.Start) < Patience)
                {
                    return look.Answer.Value;
                }

                _looks.TryRemove(new KeyValuePair<SiloAddress, Look>(instance.Head, look));
            }

            _looks.TryAdd(instance.Head, new Look(time.GetTimestamp(), new Lazy<Task<bool>>(() => LookAsync(instance.Head))));
        }
    }

    private async Task<bool> LookAsync(SiloAddress silo)
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

    // One that is leaving closes its port by itself and says so.
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

    private sealed record Look(long Start, Lazy<Task<bool>> Answer);
}
