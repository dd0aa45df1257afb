using Dynamo.Abstractions.Instances;
using Dynamo.Abstractions.Models;
using Dynamo.Abstractions.Routing;
using Dynamo.Cluster.Placement;
using Dynamo.ClusterTests.Support;
using Xunit;

namespace Dynamo.ClusterTests.Deployments;

public sealed class HungRouterTests
{
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
