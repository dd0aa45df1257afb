using Dynamo.Protocol.KV;

namespace Dynamo.Engine.Blocks;

/// <summary>A block that can be found by hash, as the pool knows it.</summary>
/// <param name="Hash">Chained identity.</param>
/// <param name="Parent">The block before it, or <see langword="null"/> at the start of a sequence.</param>
/// <param name="Local">Hash of its own tokens.</param>
internal readonly record struct CachedBlock(SequenceHash Hash, SequenceHash? Parent, BlockHash Local);
