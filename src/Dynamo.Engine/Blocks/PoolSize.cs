using Dynamo.Engine.Configuration;

namespace Dynamo.Engine.Blocks;

/// <summary>Decides how many blocks an engine gets and how long its sequences may be.</summary>
internal static class PoolSize
{
    /// <summary>Sizes the pool.</summary>
    /// <param name="config">Flags; what is given there holds or is refused.</param>
    /// <param name="maxPositions">The model's own limit.</param>
    /// <param name="bytesPerBlock">KV bytes of one block over all layers.</param>
    /// <param name="freeBytes">Memory that is free once the weights are in and that nobody else has claimed.</param>
    /// <param name="part">Of it, the part that may be used when no flag says how much, above 0 and at most 1.</param>
    /// <returns>Blocks, and the longest sequence: the flag's or the model's limit, lowered to the pool when no flag asks for more.</returns>
    /// <exception cref="EngineStartException">Flags contradict each other or the model, or the memory holds no sequence.</exception>
    public static (int NumBlocks, int MaxModelLength) Decide(EngineConfig config, int maxPositions, long bytesPerBlock, long freeBytes, double part)
    {
        if (config.MaxModelLength > maxPositions)
        {
            throw new EngineStartException($"MaxModelLength {config.MaxModelLength} is more than the model's max_position_embeddings {maxPositions}; give at most that.");
        }

        int wanted = config.MaxModelLength ?? maxPositions;
        long blocksPerSequence = BlocksFor(wanted, config.BlockSize);

        // More blocks than every sequence at full length can hold would never be used.
        long useful = blocksPerSequence * config.MaxNumSequences;
        long affordable = (config.KVCacheBytes ?? (long)(freeBytes * part)) / bytesPerBlock;
        long numbered = Array.MaxLength / config.BlockSize;
        if (config.NumBlocks > numbered)
        {
            throw new EngineStartException(
                $"NumBlocks {config.NumBlocks} is more than the {numbered} blocks of {config.BlockSize} tokens that can be numbered; give at most that.");
        }

        long numBlocks = config.NumBlocks ?? Math.Min(Math.Min(useful, affordable), numbered);
        if (numBlocks < 1)
        {
            throw new EngineStartException(config.KVCacheBytes is { } given
                ? $"KVCacheBytes {given} bytes holds no block: one of {config.BlockSize} tokens takes {bytesPerBlock} bytes."
                : $"no memory for a KV cache: {freeBytes >> 20} MiB are free and not claimed by other workers of this host, of which {part:P0} may be used, and a block of {config.BlockSize} tokens takes {bytesPerBlock} bytes.");
        }

        long capacity = numBlocks * config.BlockSize;
        if (capacity < wanted)
        {
            if (config.MaxModelLength is not null)
            {
                throw new EngineStartException(
                    $"MaxModelLength {wanted} needs {blocksPerSequence} blocks of {config.BlockSize} tokens; the cache has {numBlocks} ({capacity} tokens). Lower MaxModelLength or give more with KVCacheBytes or NumBlocks.");
            }

            wanted = (int)capacity;
        }

        return ((int)numBlocks, wanted);
    }

    private static long BlocksFor(int numTokens, int blockSize) => (numTokens + blockSize - 1L) / blockSize;
}
