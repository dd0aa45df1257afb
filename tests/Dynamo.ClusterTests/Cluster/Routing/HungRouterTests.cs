using Dynamo.Abstractions.Instances;
using Dynamo.Abstractions.Models;
using Dynamo.Abstractions.Routing;
using Dynamo.Cluster.Placement;
using Dynamo.ClusterTests.Support;
using Dynamo.Protocol.Routing;
using Dynamo.Serving.Admin;
using Dynamo.Serving.Streams;
using Microsoft.Extensions.DependencyInjection;
using Xunit;

namespace Dynamo.ClusterTests.Cluster.Routing;

/// <summary>A router whose process hangs: nothing refuses a call, nothing answers it.</summary>
public sealed class HungRouterTests
{
    private static readonly TimeSpan Deadline = TimeSpan.FromSeconds(30);

    [Fact]
    public async Task RouterHangs_ARequestThatItHoldsIsRoutedAnew()
    {
        int numRoutes = 0;
        int numWaits = 0;
        TaskCompletionSource never = new();
        await using DynamoCluster cluster = await DynamoCluster.StartAsync([SiloRoles.Frontend | SiloRoles.Worker], more: silo => silo.AddOutgoingGrainCallFilter(async call =>
        {
            if (call.InterfaceMethod.Name == nameof(IRouterGrain.RouteAsync) && Interlocked.Increment(ref numRoutes) == 1)
            {
                call.Result = new RouteDecision { Status = RouteStatus.Held, NumWorkers = 1 };
                return;
            }

            if (call.InterfaceMethod.DeclaringType == typeof(IRouterGrain) && call.InterfaceMethod.Name == nameof(IRouterGrain.WaitAsync))
            {
                Interlocked.Increment(ref numWaits);
                await never.Task;
            }

            await call.Invoke();
        }));

        await using ISequenceStream stream = await cluster.Generator.StartAsync(DynamoCluster.Model, Sequences.Spec(1, 4), CancellationToken.None).WaitAsync(Deadline);

        Assert.Equal(1, numWaits);
        Assert.InRange(numRoutes, 2, int.MaxValue);
    }

    [Fact]
    public async Task RouterHangs_WhoeverAsksItHearsSo()
    {
        TaskCompletionSource never = new();
        await using DynamoCluster cluster = await DynamoCluster.StartAsync([SiloRoles.Frontend | SiloRoles.Worker], more: silo => silo.AddOutgoingGrainCallFilter(async call =>
        {
            if (call.InterfaceMethod.Name is nameof(IRouterGrain.ExplainAsync) or nameof(IRouterGrain.GetBusyLimitsAsync))
            {
                await never.Task;
            }

            await call.Invoke();
        }));
        IClusterAdmin admin = cluster.Frontends.Single().GetRequiredService<IClusterAdmin>();

        await Assert.ThrowsAsync<NoWorkerException>(() => admin.ExplainAsync(null, 1).WaitAsync(Deadline));
        await Assert.ThrowsAsync<NoWorkerException>(() => admin.GetBusyLimitsAsync(null).WaitAsync(Deadline));
    }

    [Fact]
    public async Task RouterDoesNotAnswer_TheModelsGrainDoes()
    {
        TaskCompletionSource hung = new();
        Task gate = Task.CompletedTask;
        await using DynamoCluster cluster = await DynamoCluster.StartAsync([SiloRoles.Frontend | SiloRoles.Worker], more: silo => silo.AddIncomingGrainCallFilter(async call =>
        {
            if (call.InterfaceMethod.DeclaringType == typeof(IRouterGrain) && call.InterfaceMethod.Name == nameof(IRouterGrain.UpdateAsync))
            {
                await Volatile.Read(ref gate);
            }

            await call.Invoke();
        }));
        IModelGrain model = cluster.Grains.GetGrain<IModelGrain>(DynamoCluster.Model);
        Volatile.Write(ref gate, hung.Task);
        try
        {
            // A call that waits for the router would not be answered in time.
            await model.SetBusyLimitsAsync(new BusyLimits { ActivePrefillTokens = 7 });

            ModelView view = await model.GetViewAsync();
            Assert.Equal(InstanceState.Ready, Assert.Single(view.Instances).State);
            Assert.Equal(7, view.Busy.ActivePrefillTokens);
        }
        finally
        {
            hung.SetResult();
        }
    }
}
