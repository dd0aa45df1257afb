using System.Numerics;

namespace Dynamo.Engine.Configuration;

/// <summary>Checks an <see cref="EngineConfig"/> before anything is loaded.</summary>
public static class EngineConfigValidator
{
    /// <summary>Every fault, each naming the option, the value and what is allowed; empty when there is none.</summary>
    public static IReadOnlyList<string> Faults(EngineConfig config)
    {
        List<string> faults = [];
        Range(nameof(EngineConfig.MaxNumSequences), config.MaxNumSequences, 1, 4096);
        Range(nameof(EngineConfig.MaxBatchedTokens), config.MaxBatchedTokens, 1, 1 << 20);
        if (config.MaxModelLength is { } length)
        {
            Range(nameof(EngineConfig.MaxModelLength), length, 2, 1 << 24);
        }

        if (config.NumBlocks is { } numBlocks)
        {
            Range(nameof(EngineConfig.NumBlocks), numBlocks, 1, 1 << 24);
        }

        if (config.MaxWaiting is < 0 or > 1 << 20)
        {
            faults.Add($"MaxWaiting must be 0 to {1 << 20}, is {config.MaxWaiting}.");
        }

        if (config.KVCacheBytes < 1)
        {
            faults.Add($"KVCacheBytes must be at least 1 byte, is {config.KVCacheBytes}.");
        }

        if (config.BlockSize is < 8 or > 256 || !BitOperations.IsPow2(config.BlockSize))
        {
            faults.Add($"BlockSize must be 8, 16, 32, 64, 128 or 256, is {config.BlockSize}.");
        }

        if (config.MaxBatchedTokens < config.MaxNumSequences)
        {
            faults.Add($"MaxBatchedTokens {config.MaxBatchedTokens} must be at least MaxNumSequences {config.MaxNumSequences}, so that every running sequence gets its token.");
        }

        return faults;

        void Range(string option, int value, int low, int high)
        {
            if (value < low || value > high)
            {
                faults.Add($"{option} must be {low} to {high}, is {value}.");
            }
        }
    }
}
