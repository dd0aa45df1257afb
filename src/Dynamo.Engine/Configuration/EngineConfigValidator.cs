using System.Numerics;

namespace Dynamo.Engine.Configuration;

/// <summary>Checks an <see cref="EngineConfig"/> before anything is loaded.</summary>
public static class EngineConfigValidator
{
    /// <summary>Every fault, each naming the flag, the value and what is allowed; empty when there is none.</summary>
    public static IReadOnlyList<string> Faults(EngineConfig config)
    {
        List<string> faults = [];
        Range("--max-num-seqs", config.MaxNumSequences, 1, 4096);
        Range("--max-num-batched-tokens", config.MaxBatchedTokens, 1, 1 << 20);
        if (config.MaxModelLength is { } length)
        {
            Range("--max-model-len", length, 2, 1 << 24);
        }

        if (config.NumBlocks is { } numBlocks)
        {
            Range("--num-gpu-blocks-override", numBlocks, 1, 1 << 24);
        }

        if (config.MaxWaiting is < 0 or > 1 << 20)
        {
            faults.Add($"The queue must hold 0 to {1 << 20} sequences, holds {config.MaxWaiting}.");
        }

        if (config.KVCacheBytes < 1)
        {
            faults.Add($"--kv-cache-memory must be at least 1 byte, is {config.KVCacheBytes}.");
        }

        if (config.BlockSize is < 8 or > 256 || !BitOperations.IsPow2(config.BlockSize))
        {
            faults.Add($"--block-size must be 8, 16, 32, 64, 128 or 256, is {config.BlockSize}.");
        }

        if (config.MaxBatchedTokens < config.MaxNumSequences)
        {
            faults.Add($"--max-num-batched-tokens {config.MaxBatchedTokens} must be at least --max-num-seqs {config.MaxNumSequences}, so that every running sequence gets its token.");
        }

        return faults;

        void Range(string flag, int value, int low, int high)
        {
            if (value < low || value > high)
            {
                faults.Add($"{flag} must be {low} to {high}, is {value}.");
            }
        }
    }
}
