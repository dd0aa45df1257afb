using Dynamo.Abstractions.Routing;
using Dynamo.Cluster.Placement;
using Dynamo.ClusterTests.Support;
using Dynamo.Protocol.Requests;
using Dynamo.Protocol.Routing;
using Dynamo.Routing.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Xunit;

namespace Dynamo.ClusterTests.Cluster.Routing;

/// <summary>Who leaves while the router holds a request of theirs, and whether the router hears of it by the call itself.</summary>
public sealed class HeldCancellationTests
{
    private static readonly TimeSpan Deadline = TimeSpan.FromSeconds(30);

    [Fact]
    public async Task HeldRequestWhoseCallerCancels_LeavesTheRoutersQueue()
    {
        await using DynamoCluster cluster = await DynamoCluster.StartAsync(
            [SiloRoles.Frontend, SiloRoles.Worker],
            more: static silo => silo.Services.AddSingleton(new RouterOptions { BlockSize = 1, Hold = new HoldOptions { MaxQueued = 1 } }));
        IRouterGrain router = cluster.Grains.GetGrain<IRouterGrain>(DynamoCluster.Model);
        await cluster.UntilAsync(async () => (await router.GetCachesAsync()).Length == 1, "the router to know the worker");
        RequestId running = RequestId.New();
        RequestId held = RequestId.New();
        Assert.Equal(RouteStatus.Routed, (await router.RouteAsync(Request(running))).Status);
        Assert.Equal(RouteStatus.Held, (await router.RouteAsync(Request(held))).Status);
        using CancellationTokenSource caller = new();
        Task<RouteDecision?> waiting = router.WaitAsync(held, caller.Token);

        await caller.CancelAsync();

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => waiting);

        // One that was still held would be answered so, after some seconds.
        Assert.Null(await router.WaitAsync(held, CancellationToken.None).WaitAsync(Deadline));

        // And would now take the only place at the worker.
        await router.NotifyAsync([new SequenceEvent(running, SequenceEventKind.Ended)]);
        Assert.Equal(RouteStatus.Routed, (await router.RouteAsync(Request(RequestId.New()))).Status);
    }

    [Fact]
    public async Task ClientThatLeavesWhileItsRequestIsHeld_CancelsItsWaitAtTheRouter()
    {
        TaskCompletionSource waits = new();
        TaskCompletionSource heard = new();
        await using DynamoCluster cluster = await DynamoCluster.StartAsync([SiloRoles.Frontend | SiloRoles.Worker], more: silo =>
        {
            silo.AddOutgoingGrainCallFilter(call =>
            {
                if (call.InterfaceMethod.Name != nameof(IRouterGrain.RouteAsync))
                {
                    return call.Invoke();
                }

                call.Result = new RouteDecision { Status = RouteStatus.Held, NumWorkers = 1 };
                return Task.CompletedTask;
            });
            silo.AddIncomingGrainCallFilter(async call =>
            {
                if (call.InterfaceMethod.DeclaringType == typeof(IRouterGrain) && call.InterfaceMethod.Name == nameof(IRouterGrain.WaitAsync))
                {
                    await using CancellationTokenRegistration hears = call.Request.GetCancellationToken().Register(heard.SetResult);
                    waits.TrySetResult();
                    await heard.Task;
                }

                await call.Invoke();
            });
        });
        using CancellationTokenSource client = new();
        Task starting = cluster.Generator.StartAsync(DynamoCluster.Model, Sequences.Spec(1, 4), client.Token);
        await waits.Task.WaitAsync(Deadline);

        await client.CancelAsync();

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => starting);
        await heard.Task.WaitAsync(Deadline);
    }

    private static RouteRequest Request(RequestId id) => new() { Request = id, NumTokens = 8 };
}
