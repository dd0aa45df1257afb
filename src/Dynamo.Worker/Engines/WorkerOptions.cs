using Dynamo.Engine.Configuration;
using Dynamo.Engine.Execution;
using Dynamo.Protocol.Load;

namespace Dynamo.Worker.Engines;

/// <summary>What a worker silo serves and with which limits. Names and defaults follow vLLM's flags.</summary>
public sealed record WorkerOptions
{
    /// <summary>Name that clients use (<c>--served-model-name</c>).</summary>
    public required string Model { get; set; }

    /// <summary>Further names that clients may use; the first stays the one that answers and metrics have.</summary>
    public IReadOnlyList<string> Aliases { get; set; } = [];

    /// <summary>Chat template to use instead of the folder's (<c>--chat-template</c>); <see langword="null"/>: the folder's.</summary>
    public string? ChatTemplate { get; set; }

    /// <summary>What to load (<c>--model</c>, <c>--dtype</c>, <c>--enforce-eager</c>).</summary>
    public required ModelLoadOptions Load { get; set; }

    /// <summary>Longest sequence (<c>--max-model-len</c>); <see langword="null"/>: the model's own limit, or what the cache holds.</summary>
    public int? MaxModelLength { get; set; }

    /// <summary>Most sequences of a step (<c>--max-num-seqs</c>).</summary>
    /// <value>Default 256.</value>
    public int MaxNumSequences { get; set; } = 256;

    /// <summary>Token budget of a step (<c>--max-num-batched-tokens</c>).</summary>
    /// <value>Default 2048.</value>
    public int MaxBatchedTokens { get; set; } = 2048;

    /// <summary>Sequences that may wait besides those that run; one more is refused as overload.</summary>
    /// <value>Default 4096.</value>
    public int MaxWaiting { get; set; } = 4096;

    /// <summary>Tokens of a KV block (<c>--block-size</c>).</summary>
    /// <value>Default 32.</value>
    public int BlockSize { get; set; } = 32;

    /// <summary>KV blocks (<c>--num-gpu-blocks-override</c>); <see langword="null"/>: from free memory.</summary>
    public int? NumBlocks { get; set; }

    /// <summary>Memory of the KV cache in bytes (<c>--kv-cache-memory</c>); <see langword="null"/>: half of what is free once the weights are loaded, divided with workers that start here at the same time.</summary>
    public long? KVCacheBytes { get; set; }

    /// <summary>Reuse the blocks of equal prefixes (<c>--enable-prefix-caching</c>).</summary>
    /// <value>Default on.</value>
    public bool EnablePrefixCaching { get; set; } = true;

    /// <summary>GPUs that this silo offers, each to be a worker of its own with all of these options; on the CPU virtual ones (<c>--num-workers</c> of the mocker).</summary>
    /// <value>Default 1.</value>
    public int NumGpus { get; set; } = 1;

    /// <summary>How long running sequences may finish when the worker leaves, before they go on elsewhere (<c>--drain-timeout</c>).</summary>
    /// <value>Default 10 s.</value>
    public TimeSpan DrainGrace { get; set; } = TimeSpan.FromSeconds(10);

    /// <summary>The configuration of an engine with these options.</summary>
    /// <param name="worker">Identity of the engine.</param>
    /// <param name="generation">Its generation.</param>
    public EngineConfig EngineConfig(WorkerId worker, long generation) => new()
    {
        Worker = worker,
        Generation = generation,
        MaxModelLength = MaxModelLength,
        MaxNumSequences = MaxNumSequences,
        MaxBatchedTokens = MaxBatchedTokens,
        MaxWaiting = MaxWaiting,
        BlockSize = BlockSize,
        NumBlocks = NumBlocks,
        KVCacheBytes = KVCacheBytes,
        EnablePrefixCaching = EnablePrefixCaching,
    };
}
