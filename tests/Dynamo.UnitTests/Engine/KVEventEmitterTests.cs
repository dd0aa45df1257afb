using Dynamo.Engine.Loop;
using Dynamo.Protocol.KV;
using Dynamo.UnitTests.Engine.Support;
using Xunit;

namespace Dynamo.UnitTests.Engine;

public sealed class KVEventEmitterTests
{
    private readonly RecordingListener _listener = new();
    private readonly KVEventEmitter _emitter;

    public KVEventEmitterTests() => _emitter = new KVEventEmitter(_listener);

    [Fact]
    public void Flush_StoredAndRemovedInTurn_KeepTheirOrder()
    {
        _emitter.OnStored(null, Key(1));
        _emitter.OnRemoved(Key(2));
        _emitter.OnRemoved(Key(3));
        _emitter.OnStored(Key(1), Key(4));
        _emitter.Flush();

        Assert.Equal(["1 Stored 1", "2 Removed 2 3", "3 Stored 4"], Told());
        Assert.Equal(Key(1), _listener.Events.Last().Parent);
    }

    [Fact]
    public void Flush_Chains_OneEventForEach()
    {
        _emitter.OnStored(null, Key(1));
        _emitter.OnStored(Key(1), Key(2));
        _emitter.OnStored(Key(1), Key(3));
        _emitter.OnStored(null, Key(4));
        _emitter.Flush();

        Assert.Equal(["1 Stored 1 2", "2 Stored 3", "3 Stored 4"], Told());
        Assert.Equal([null, Key(1), null], _listener.Events.Select(static e => e.Parent));
    }

    [Fact]
    public void Flush_NothingNew_TellsNothing()
    {
        _emitter.OnStored(null, Key(1));
        _emitter.Flush();
        _emitter.Flush();

        Assert.Equal(["1 Stored 1"], Told());
        Assert.Equal(1, _emitter.Last);
    }

    [Fact]
    public void Cleared_WithNewsPending_TellsThemFirst()
    {
        _emitter.OnStored(null, Key(1));
        _emitter.OnCleared();

        Assert.Equal(["1 Stored 1", "2 Cleared"], Told());
    }

    private static BlockKey Key(int number) => new((ulong)number);

    private IEnumerable<string> Told() =>
        _listener.Events.Select(static e => string.Join(" ", [e.Number, e.Kind, .. e.Blocks.Select(static b => (object)b.Value)]));
}
