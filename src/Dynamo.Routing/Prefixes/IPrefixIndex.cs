using Dynamo.Protocol.KV;

namespace Dynamo.Routing.Prefixes;

/// <summary>
/// Which worker holds which prefix. A worker is a small number, its slot, that the caller hands out and reuses. A key names
/// its block and everything before it, so its parent is always the same. Not thread-safe.
/// </summary>
public interface IPrefixIndex
{
    /// <summary>A worker stored consecutive blocks; those it is known to hold stay as they are.</summary>
    /// <param name="slot">The worker.</param>
    /// <param name="parent">
    /// The block before the first, or <see langword="null"/> at the start of a sequence. It need not be held by this worker, or known; one that is not the true
    /// one makes answers about these blocks wrong.
    /// </param>
    /// <param name="blocks">First to last.</param>
    void Stored(int slot, BlockKey? parent, ReadOnlySpan<BlockKey> blocks);

    /// <summary>A worker lost blocks, in any order, from anywhere in a sequence; those it is not known to hold are ignored.</summary>
    /// <returns>How many it was known to hold.</returns>
    int Removed(int slot, ReadOnlySpan<BlockKey> blocks);

    /// <summary>A worker lost all blocks, or is gone: afterwards its slot may serve another.</summary>
    void Cleared(int slot);

    /// <summary>A prompt will be looked up soon: what that will need may be brought near meanwhile. Say it again after some other work, for more.</summary>
    /// <param name="prompt">See <see cref="Match"/>.</param>
    void Expect(ReadOnlySpan<BlockKey> prompt)
    {
    }

    /// <summary>For each worker the longest contiguous prefix of a prompt that it holds, from the first block on.</summary>
    /// <param name="prompt">Keys of the prompt's full blocks, from its very first to last.</param>
    /// <param name="depths">By slot: blocks held, all of them overwritten. Slots at or above its length are left out.</param>
    void Match(ReadOnlySpan<BlockKey> prompt, Span<int> depths);

    /// <summary>Blocks that a worker is known to hold.</summary>
    long NumBlocks(int slot);
}
