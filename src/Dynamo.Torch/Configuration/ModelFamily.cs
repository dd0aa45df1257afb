namespace Dynamo.Torch.Configuration;

/// <summary>What an architecture's name implies: defaults of fields that config.json leaves out, and features that it has no field for.</summary>
/// <remarks>Defaults are those of transformers' configuration class of the same name (5.23).</remarks>
internal sealed record ModelFamily
{
    /// <summary>Class name in <c>architectures</c>.</summary>
    public required string Architecture { get; init; }

    /// <summary>The <c>model_type</c> that goes with it.</summary>
    public required string ModelType { get; init; }

    public required int VocabularySize { get; init; }

    public required int IntermediateSize { get; init; }

    /// <summary>Key-value heads when the field is missing; <see langword="null"/> for as many as heads.</summary>
    public int? NumKVHeads { get; init; }

    /// <summary>Elements of a head when the field is missing; <see langword="null"/> for hidden size / heads.</summary>
    public int? HeadDim { get; init; }

    public required int MaxPositions { get; init; }

    public double RmsNormEpsilon { get; init; } = 1e-6;

    public double RopeTheta { get; init; } = 10000;

    /// <summary>Sliding window when the field is missing.</summary>
    public int? SlidingWindow { get; init; }

    /// <summary>Always has biases on q, k and v, whatever the config says.</summary>
    public bool AlwaysQkvBias { get; init; }

    /// <summary>Reads <c>attention_bias</c>, for q, k, v and o.</summary>
    public bool ReadsAttentionBias { get; init; }

    /// <summary>Reads <c>mlp_bias</c>.</summary>
    public bool ReadsMlpBias { get; init; }

    public bool QKNorm { get; init; }

    /// <summary>How <c>sliding_window</c> is read.</summary>
    public required WindowRule Windows { get; init; }

    /// <summary>Has experts: <c>num_local_experts</c>, <c>num_experts_per_tok</c>.</summary>
    public bool HasExperts { get; init; }

    /// <summary>Every family that is served.</summary>
    public static IReadOnlyList<ModelFamily> All { get; } =
    [
        new()
        {
            Architecture = "LlamaForCausalLM", ModelType = "llama", VocabularySize = 32000, IntermediateSize = 11008, MaxPositions = 2048,
            ReadsAttentionBias = true, ReadsMlpBias = true, Windows = WindowRule.None,
        },
        new()
        {
            Architecture = "MistralForCausalLM", ModelType = "mistral", VocabularySize = 32000, IntermediateSize = 14336, NumKVHeads = 8,
            MaxPositions = 131072, SlidingWindow = 4096, Windows = WindowRule.AllLayers,
        },
        new()
        {
            Architecture = "MixtralForCausalLM", ModelType = "mixtral", VocabularySize = 32000, IntermediateSize = 14336, NumKVHeads = 8,
            MaxPositions = 131072, RmsNormEpsilon = 1e-5, RopeTheta = 1e6, Windows = WindowRule.AllLayers, HasExperts = true,
        },
        new()
        {
            Architecture = "Qwen2ForCausalLM", ModelType = "qwen2", VocabularySize = 151936, IntermediateSize = 22016, NumKVHeads = 32,
            MaxPositions = 32768, SlidingWindow = 4096, AlwaysQkvBias = true, Windows = WindowRule.ByLayer,
        },
        new()
        {
            Architecture = "Qwen3ForCausalLM", ModelType = "qwen3", VocabularySize = 151936, IntermediateSize = 22016, NumKVHeads = 32, HeadDim = 128,
            MaxPositions = 32768, SlidingWindow = 4096, ReadsAttentionBias = true, QKNorm = true, Windows = WindowRule.ByLayer,
        },
    ];
}
