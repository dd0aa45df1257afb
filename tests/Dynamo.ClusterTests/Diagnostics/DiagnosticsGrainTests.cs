using System.Net;
using System.Net.Sockets;
using Dynamo.Abstractions.Instances;
using Dynamo.Cluster.Net;
using Dynamo.Cluster.Placement;
using Dynamo.ClusterTests.Support;
using Dynamo.Diagnostics;
using Xunit;

namespace Dynamo.ClusterTests.Diagnostics;

public sealed class DiagnosticsGrainTests
{
    private static readonly TimeSpan Deadline = TimeSpan.FromSeconds(30);

    [Fact]
    public async Task Examine_EveryMemberAnswersAndTriesTheOthersAndTheCaller()
    {
        await using DynamoCluster cluster = await DynamoCluster.StartAsync([SiloRoles.Frontend, SiloRoles.Worker, SiloRoles.Worker]);
        using TcpListener caller = new(IPAddress.Loopback, 0);
        caller.Start();
        IPEndPoint callerAddress = (IPEndPoint)caller.LocalEndpoint;

        ClusterDiagnosis diagnosis = await cluster.Grains.GetGrain<IDiagnosticsGrain>(0).ExamineAsync(callerAddress, CancellationToken.None);

        Assert.Equal(3, diagnosis.Members.Length);
        Assert.Equal(["Frontend", "Worker", "Worker"], diagnosis.Members.Select(static member => member.Answer!.Roles).Order());
        Assert.Single(diagnosis.Members.Select(static member => member.Answer!.Version).Distinct());
        foreach (MemberDiagnosis member in diagnosis.Members)
        {
            IPEndPoint[] tried = [.. member.Answer!.Peers.Select(static peer => peer.Peer)];
            IPEndPoint[] others = [.. diagnosis.Members.Where(other => other != member).Select(static other => other.Silo.Endpoint)];
            Assert.Equal([.. others, callerAddress], tried);
            Assert.Equal(TcpAnswer.Connected, member.Answer.Peers[^1].Answer);
        }

        Assert.Null(diagnosis.InstancesError);
        Assert.Contains(diagnosis.Instances, static instance => instance is { Model: DynamoCluster.Model, State: InstanceState.Ready, NumericsClass: "mock" });
    }

    [Fact]
    public async Task Examine_CallerThatLeaves_IsHeardOfByMembers()
    {
        TaskCompletionSource asked = new();
        TaskCompletionSource heard = new();
        await using DynamoCluster cluster = await DynamoCluster.StartAsync([SiloRoles.Frontend, SiloRoles.Worker], more: silo => silo.AddIncomingGrainCallFilter(async call =>
        {
            if (call.InterfaceMethod.DeclaringType == typeof(IDiagnosticsService))
            {
                await using CancellationTokenRegistration hears = call.Request.GetCancellationToken().Register(() => heard.TrySetResult());
                asked.TrySetResult();
                await heard.Task;
            }

            await call.Invoke();
        }));
        using CancellationTokenSource caller = new();
        Task<ClusterDiagnosis> examining = cluster.Grains.GetGrain<IDiagnosticsGrain>(0).ExamineAsync(null, caller.Token);
        await asked.Task.WaitAsync(Deadline);

        await caller.CancelAsync();

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => examining);
        await heard.Task.WaitAsync(Deadline);
    }
}
