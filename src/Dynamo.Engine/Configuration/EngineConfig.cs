using Dynamo.Protocol.Load;

namespace Dynamo.Engine.Configuration;

/// <summary>What an engine is started with. Names and defaults follow vLLM's flags.</summary>
public sealed record EngineConfig
{
    /// <summary>Identity put into events and reports.</summary>
    public required WorkerId Worker { get; init; }

    /// <summary>Generation put into events and reports.</summary>
    public required long Generation { get; init; }

    /// <summary>Longest sequence, prompt and output; <see langword="null"/>: the model's own limit.</summary>
    public int? MaxModelLength { get; init; }

    /// <summary>Most sequences in a step.</summary>
    public int MaxNumSequences { get; init; } = 256;

    /// <summary>Token budget of a step.</summary>
    public int MaxBatchedTokens { get; init; } = 2048;

    /// <summary>Tokens of a KV block: 8, 16, 32, 64, 128 or 256.</summary>
    public int BlockSize { get; init; } = 32;

    /// <summary>KV blocks; <see langword="null"/>: from <see cref="KVCacheBytes"/>.</summary>
    public int? NumBlocks { get; init; }

    /// <summary>Memory of the KV cache in bytes; <see langword="null"/>: half of what is free once the weights are loaded, divided with workers that start here at the same time.</summary>
    public long? KVCacheBytes { get; init; }

    /// <summary>Reuse blocks of equal prefixes.</summary>
    public bool EnablePrefixCaching { get; init; } = true;

    /// <summary>Sequences that may wait; a submit beyond is refused as overload.</summary>
    public int MaxWaiting { get; init; } = 4096;
}
