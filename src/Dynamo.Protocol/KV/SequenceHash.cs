namespace Dynamo.Protocol.KV;

/// <summary>128-bit hash of a block chained with all blocks before it: equal on every silo for equal prefixes under one salt.</summary>
/// <param name="Value">The hash.</param>
public readonly record struct SequenceHash(UInt128 Value)
{
    /// <summary>What routing calls the block.</summary>
    public BlockKey Key => new((ulong)Value);
}
