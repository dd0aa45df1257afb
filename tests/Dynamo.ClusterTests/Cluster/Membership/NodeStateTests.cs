using Dynamo.Cluster.Membership;
using Xunit;

namespace Dynamo.ClusterTests.Cluster.Membership;

public sealed class NodeStateTests
{
    [Theory]
    [InlineData(NodePhase.Starting, NodePhase.Serving, NodePhase.Serving)]
    [InlineData(NodePhase.Starting, NodePhase.Leaving, NodePhase.Leaving)]
    [InlineData(NodePhase.Serving, NodePhase.Serving, NodePhase.Serving)]
    [InlineData(NodePhase.Serving, NodePhase.Starting, NodePhase.Serving)]
    [InlineData(NodePhase.Leaving, NodePhase.Serving, NodePhase.Leaving)]
    [InlineData(NodePhase.Leaving, NodePhase.Starting, NodePhase.Leaving)]
    public void Enter_GoesOnAndNeverBack(NodePhase from, NodePhase to, NodePhase expected)
    {
        NodeState state = new(from);

        state.Enter(to);

        Assert.Equal(expected, state.Phase);
    }

    // A process that is told to stop while it joins.
    [Fact]
    public void Enter_FromManyThreads_TheLastPhaseStays()
    {
        NodeState state = new(NodePhase.Starting);

        Parallel.For(0, 100, i => state.Enter((NodePhase)(i % 3)));

        Assert.Equal(NodePhase.Leaving, state.Phase);
    }
}
