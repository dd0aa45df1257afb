using Dynamo.Protocol.KV;

namespace Dynamo.Engine.Blocks;

/// <summary>Hears which blocks a pool can reuse, by the keys that routers know them by. Called on the engine thread.</summary>
internal interface IBlockPoolListener
{
    /// <summary>A full block became findable.</summary>
    /// <param name="parent">The block before it, or <see langword="null"/> at the start of a sequence.</param>
    /// <param name="block">The block.</param>
    void OnStored(BlockKey? parent, BlockKey block);

    /// <summary>A cached block was evicted.</summary>
    void OnRemoved(BlockKey block);

    /// <summary>No block can be found any more.</summary>
    void OnCleared();
}
