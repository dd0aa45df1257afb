using Dynamo.Cluster.Planes;
using Dynamo.Security.Keys;
using Xunit;

namespace Dynamo.ClusterTests.Cluster.Events;

public sealed class EventSealTests
{
    private readonly EventSeal _seal = new(ClusterKey.Create());

    [Fact]
    public void Sealed_OpensToWhatItWas()
    {
        byte[] message = _seal.Seal("a.b", [1, 2, 3]);

        Assert.Equal(3 + EventSeal.Size, message.Length);
        Assert.Equal([1, 2, 3], _seal.Open("a.b", message)!);
        Assert.Empty(_seal.Open("a.b", _seal.Seal("a.b", []))!);
    }

    [Fact]
    public void OtherSubjectKeyContentOrSeal_DoesNotOpen()
    {
        byte[] message = _seal.Seal("a.b", [1, 2, 3]);

        Assert.Null(_seal.Open("a.c", message));
        Assert.Null(_seal.Open("a", [(byte)'.', (byte)'b', 0, .. message]));
        Assert.Null(new EventSeal(ClusterKey.Create()).Open("a.b", message));
        Assert.Null(_seal.Open("a.b", message.AsSpan(1)));
        for (int i = 0; i < message.Length; i++)
        {
            byte[] damaged = [.. message];
            damaged[i] ^= 1;
            Assert.Null(_seal.Open("a.b", damaged));
        }
    }

    [Fact]
    public void TooShortForASeal_DoesNotOpen() => Assert.Null(_seal.Open("a.b", new byte[EventSeal.Size - 1]));
}
