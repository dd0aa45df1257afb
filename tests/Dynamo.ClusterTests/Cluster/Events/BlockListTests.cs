using Dynamo.Cluster.Events;
using Dynamo.Protocol.KV;
using Xunit;

namespace Dynamo.ClusterTests.Cluster.Events;

public sealed class BlockListTests
{
    private readonly BlockList _list = new();

    [Fact]
    public void ParentsFirst_RunsOfSeveralPagesInNoOrder_ParentsComeFirst()
    {
        _list.Add(Page(Run(4, 5), Run(2, 3, 4), Run(2, 9)));
        _list.Add(Page(Run(77, 78), Run(null, 1, 2)));

        Assert.Equal([1, 3, 5, 9, 78], Firsts());
    }

    [Fact]
    public void ParentsFirst_ARunThatNamesItselfItsParent_ComesOnce()
    {
        _list.Add(Page(Run(2, 1, 2), Run(2, 3)));

        Assert.Equal([1, 3], Firsts());
    }

    [Fact]
    public void ParentsFirst_ADeepChainBackwards_ComesForwards()
    {
        const int count = 20_000;
        _list.Add(Page([.. Enumerable.Range(0, count).Select(static i => Run((ulong)(count - 1 - i), (ulong)(count - i)))]));

        Assert.Equal(Enumerable.Range(1, count), Firsts());
    }

    private IEnumerable<int> Firsts() => _list.ParentsFirst().Select(static run => (int)run.Blocks[0].Value);

    private static KVBlockPage Page(params KVBlockRun[] runs) => new() { Worker = default, Generation = 1, LastEvent = 0, Runs = runs };

    private static KVBlockRun Run(ulong? parent, params ulong[] blocks) => new(
        parent is { } value ? new BlockKey(value) : null,
        [.. blocks.Select(static block => new BlockKey(block))]);
}
