using Dynamo.Protocol.Load;
using Dynamo.Serving.Catalog;
using Dynamo.Serving.Liveness;

namespace Dynamo.Serving.Migration;

/// <summary>A silo that membership declares dead is a fact: what ran there moves at once, without waiting for silence.</summary>
internal sealed class DeadSiloMonitor(IClusterMembershipService membership, WorkerWatch watch, SilenceMonitor monitor, IWorkerLocator workers) : BackgroundService
{
    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        HashSet<SiloAddress> known = [];
        await foreach (ClusterMembershipSnapshot snapshot in membership.MembershipUpdates.WithCancellation(stoppingToken))
        {
            foreach (ClusterMember member in snapshot.Members.Values)
            {
                if (member.Status == SiloStatus.Dead && known.Add(member.SiloAddress))
                {
                    foreach (WorkerId worker in workers.WorkersOf(member.SiloAddress))
                    {
                        monitor.MoveAll(worker, watch.Suspect(worker));
                    }
                }
            }
        }
    }
}
