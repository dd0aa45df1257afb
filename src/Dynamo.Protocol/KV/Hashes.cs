namespace Dynamo.Protocol.KV;

/// <summary>XXH3-64 of one block's tokens (little-endian u32), seeded by tenant salt; says nothing of what came before.</summary>
/// <param name="Value">The hash.</param>
public readonly record struct BlockHash(ulong Value);

/// <summary>128-bit hash of a block chained with all blocks before it: equal on every silo for equal prefixes under one salt.</summary>
/// <param name="Value">The hash.</param>
public readonly record struct SequenceHash(UInt128 Value);
