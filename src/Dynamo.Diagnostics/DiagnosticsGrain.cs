using System.Net;
using Dynamo.Abstractions.Models;
using Dynamo.Cluster.Calls;
using Dynamo.Cluster.Placement;

namespace Dynamo.Diagnostics;

/// <summary>Asks all members at the same time; a member that hangs costs a timeout, which is a finding itself.</summary>
[OnFrontendPlacement, Reentrant]
internal sealed class DiagnosticsGrain(IClusterMembershipService membership, DiagnosticsServiceClient services, TimeProvider time) : Grain, IDiagnosticsGrain
{
    // The timeout of a silo's own probes, and as much again for the call.
    private static readonly TimeSpan Timeout = 2 * DiagnosticsService.Timeout;

    public async Task<ClusterDiagnosis> ExamineAsync(IPEndPoint? caller, CancellationToken cancellationToken)
    {
        SiloAddress[] silos = [.. membership.CurrentSnapshot.Members.Values
            .Where(static member => member.Status == SiloStatus.Active)
            .Select(static member => member.SiloAddress)
            .Order()];
        Task<MemberDiagnosis[]> members = Task.WhenAll(silos.Select(silo => ExamineAsync(silo, Peers(silos, silo, caller), cancellationToken)));
        (InstanceDiagnosis[] instances, string? error) = await InstancesAsync(cancellationToken);
        return new ClusterDiagnosis { Members = await members, Instances = instances, InstancesError = error };
    }

    private static IPEndPoint[] Peers(SiloAddress[] silos, SiloAddress self, IPEndPoint? caller)
    {
        IEnumerable<IPEndPoint> others = silos.Where(silo => !silo.Equals(self)).Select(static silo => silo.Endpoint);
        return [.. caller is null ? others : others.Append(caller)];
    }

    private async Task<MemberDiagnosis> ExamineAsync(SiloAddress silo, IPEndPoint[] peers, CancellationToken cancellationToken)
    {
        DateTimeOffset asked = time.GetUtcNow();
        try
        {
            SiloDiagnosis answer = await services.On(silo).ExamineAsync(peers, cancellationToken).WaitAsync(Timeout, time, cancellationToken);

            // The network time protocol's arithmetic (RFC 5905, section 8).
            DateTimeOffset heard = time.GetUtcNow();
            return new MemberDiagnosis
            {
                Silo = silo,
                Answer = answer,
                ClockOffset = ((answer.Received - asked) + (answer.Answered - heard)) / 2,
                RoundTrip = (heard - asked) - (answer.Answered - answer.Received),
            };
        }
        catch (Exception e) when (FailedCalls.IsUnreachable(e))
        {
            return new MemberDiagnosis { Silo = silo, Error = e is TimeoutException ? $"no answer within {Timeout.TotalSeconds:0} s" : e.Message };
        }
    }

    private async Task<(InstanceDiagnosis[] Instances, string? Error)> InstancesAsync(CancellationToken cancellationToken)
    {
        List<InstanceDiagnosis> instances = [];
        try
        {
            foreach (string model in await GrainFactory.GetGrain<IModelRegistryGrain>(0).ListAsync().WaitAsync(Timeout, time, cancellationToken))
            {
                ModelView view = await GrainFactory.GetGrain<IModelGrain>(model).GetViewAsync().WaitAsync(Timeout, time, cancellationToken);
                instances.AddRange(view.Instances.Select(instance =>
                    new InstanceDiagnosis(model, instance.Key.Head, instance.State, instance.Limits?.NumericsClass)));
            }

            return ([.. instances], null);
        }
        catch (Exception e) when (FailedCalls.IsUnreachable(e))
        {
            return ([.. instances], e.Message);
        }
    }
}
