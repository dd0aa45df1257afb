using Dynamo.Abstractions.Models;
using Dynamo.Cluster.Placement;
using Dynamo.ClusterTests.Support;
using Orleans.Core.Internal;
using Xunit;

namespace Dynamo.ClusterTests.Cluster.Deployments;

public sealed class RegistryTests
{
    [Fact]
    public async Task RegistryThatForgotEverything_IsToldAgain()
    {
        await using DynamoCluster cluster = await DynamoCluster.StartAsync([SiloRoles.Frontend | SiloRoles.Worker]);
        IModelRegistryGrain registry = cluster.Grains.GetGrain<IModelRegistryGrain>(0);
        Assert.Equal([DynamoCluster.Model], await registry.ListAsync());

        // As when the frontend that hosted it dies and the model's grain lives on another.
        await registry.AsReference<IGrainManagementExtension>().DeactivateOnIdle();

        await cluster.UntilAsync(async () => (await registry.ListAsync()).Length == 1, "the model to be listed again");
    }
}
