using Dynamo.Protocol.KV;
using Dynamo.Protocol.Load;
using Dynamo.Protocol.Requests;
using Dynamo.Protocol.Routing;
using Microsoft.Extensions.DependencyInjection;
using Orleans.Serialization;
using Xunit;

namespace Dynamo.ClusterTests.Cluster.Routing;

public sealed class RouteRequestTests
{
    [Fact]
    public void Request_OverTheWire_IsTheSame_EightBytesABlock()
    {
        using ServiceProvider services = new ServiceCollection().AddSerializer().BuildServiceProvider();
        Serializer serializer = services.GetRequiredService<Serializer>();
        RouteRequest request = new()
        {
            Request = RequestId.New(),
            Blocks = [.. Enumerable.Range(0, 1000).Select(static i => new BlockKey(ulong.MaxValue - (ulong)i))],
            BlockSize = 16,
            NumTokens = 16_001,
            Name = "chatcmpl-1",
            Tenant = "t",
            Pinned = new WorkerId(7),
            Excluded = [new WorkerId(8), new WorkerId(9)],
            Overrides = new RouteOverrides { Temperature = 0.5 },
            Session = "s",
            IsMove = true,
            NumericsClass = "cpu",
            RunsAt = new WorkerId(ulong.MaxValue),
        };

        byte[] bytes = serializer.SerializeToArray(request);
        RouteRequest read = serializer.Deserialize<RouteRequest>(bytes)!;

        Assert.Equal(request.Blocks, read.Blocks);
        Assert.Equal(request.Excluded, read.Excluded);
        Assert.Equal(request with { Blocks = [], Excluded = [] }, read with { Blocks = [], Excluded = [] });
        Assert.InRange(bytes.Length, 8 * 1000, 10 * 1000);
    }
}
