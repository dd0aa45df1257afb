using System.Runtime.CompilerServices;
using Dynamo.Protocol.KV;

namespace Dynamo.Routing.Questions;

/// <summary>Where a query's bare numbers become keys.</summary>
internal static class QueryKeys
{
    /// <summary>The very array of a query's blocks, as keys: a key is nothing but its 64 bits, and a copy for each decision would cost as much as a look-up.</summary>
    public static BlockKey[] Keys(this RouteQuery query) => Unsafe.As<BlockKey[]>(query.Blocks);
}
