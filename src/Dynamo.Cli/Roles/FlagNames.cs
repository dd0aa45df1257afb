using System.Text.RegularExpressions;
using Dynamo.Engine.Configuration;
using Dynamo.Engine.Execution;

namespace Dynamo.Cli.Roles;

/// <summary>The flags by which options of an engine are given. What finds a fault in one names the option, for it may be in a program that has no flags.</summary>
internal static partial class FlagNames
{
    /// <summary>Flags by option.</summary>
    public static readonly IReadOnlyDictionary<string, string> All = new Dictionary<string, string>(StringComparer.Ordinal)
    {
        [nameof(EngineConfig.MaxModelLength)] = "--max-model-len",
        [nameof(EngineConfig.MaxNumSequences)] = "--max-num-seqs",
        [nameof(EngineConfig.MaxBatchedTokens)] = "--max-num-batched-tokens",
        [nameof(EngineConfig.BlockSize)] = "--block-size",
        [nameof(EngineConfig.NumBlocks)] = "--num-gpu-blocks-override",
        [nameof(EngineConfig.KVCacheBytes)] = "--kv-cache-memory",
        [nameof(ModelLoadOptions.DType)] = "--dtype",
        [nameof(ModelLoadOptions.NumThreads)] = "--num-threads",
    };

    /// <summary>A fault with flags for options.</summary>
    public static string In(string fault) => Word().Replace(fault, static word => All.GetValueOrDefault(word.Value, word.Value));

    [GeneratedRegex(@"\b[A-Z]\w+\b")]
    private static partial Regex Word();
}
