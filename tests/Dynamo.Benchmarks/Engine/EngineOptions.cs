namespace Dynamo.Benchmarks.Engine;

/// <summary>What the engine command was asked.</summary>
internal sealed record EngineOptions
{
    /// <summary>Rounds that count.</summary>
    public required int NumRounds { get; init; }

    /// <summary>Threads of both engines and of the probes.</summary>
    public required int NumThreads { get; init; }

    /// <summary>Where llama.cpp is, see <see cref="Llama.LlamaFinder"/>.</summary>
    public string? LlamaPath { get; init; }

    /// <summary>ggml_type of llama.cpp's KV cache.</summary>
    public required int LlamaCacheType { get; init; }

    /// <summary>Folder for the model's files.</summary>
    public required string CacheFolder { get; init; }

    /// <summary>Where the JSON report goes.</summary>
    public string? JsonFile { get; init; }

    /// <summary>Fail when a bar is missed.</summary>
    public bool RequireBars { get; init; }
}
