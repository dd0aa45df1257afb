using Dynamo.Protocol.KV;

namespace Dynamo.UnitTests.Routing;

/// <summary>Keys by small numbers.</summary>
internal static class TestKeys
{
    public static BlockKey[] Of(params ulong[] values) => [.. values.Select(static value => new BlockKey(value))];
}
