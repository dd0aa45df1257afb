namespace Dynamo.Engine.Execution;

/// <summary>Facts of a loaded model that scheduling, sampling and offers need.</summary>
public sealed record ModelShape
{
    /// <summary>Class name in config.json, for example <c>LlamaForCausalLM</c>.</summary>
    public required string Architecture { get; init; }

    /// <summary>Width of a row of logits. May be larger than the tokenizer's vocabulary.</summary>
    public required int VocabularySize { get; init; }

    /// <summary>Longest sequence that the model was made for, in tokens.</summary>
    public required int MaxPositions { get; init; }

    /// <summary>Element type of weights and activations between kernels, vLLM's name: <c>bfloat16</c>, <c>float32</c>.</summary>
    public required string DType { get; init; }

    /// <summary>Parameters, tied ones once.</summary>
    public required long NumParameters { get; init; }
}
