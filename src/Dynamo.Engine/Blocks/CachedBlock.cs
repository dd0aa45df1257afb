using Dynamo.Protocol.KV;

namespace Dynamo.Engine.Blocks;

/// <summary>A block that can be found by hash, as routers know it.</summary>
/// <param name="Key">The block.</param>
/// <param name="Parent">The block before it, or <see langword="null"/> at the start of a sequence.</param>
internal readonly record struct CachedBlock(BlockKey Key, BlockKey? Parent);
