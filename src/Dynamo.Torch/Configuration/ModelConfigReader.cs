using System.Text.Json;
using Dynamo.Protocol.Models;

namespace Dynamo.Torch.Configuration;

/// <summary>Turns config.json into a <see cref="ModelConfig"/>, or says in one line why not.</summary>
internal static class ModelConfigReader
{
    private const string ConfigFile = "config.json";
    private const long MaxBytes = 1L << 20;

    public static ModelConfig Read(ModelFolder folder)
    {
        using JsonDocument document = folder.ReadJson(ConfigFile, MaxBytes);
        ConfigObject config = new(ConfigFile, string.Empty, document.RootElement);
        ModelFamily family = FindFamily(config);
        CheckActivation(config);

        int hiddenSize = Size(config, "hidden_size", 4096, ConfigLimits.HiddenSize);
        int numHeads = Size(config, "num_attention_heads", 32, ConfigLimits.NumHeads);
        int numLayers = Size(config, "num_hidden_layers", 32, ConfigLimits.NumLayers);
        int maxPositions = Size(config, "max_position_embeddings", family.MaxPositions, ConfigLimits.MaxPositions);
        bool attentionBias = family.ReadsAttentionBias && (config.Bool("attention_bias") ?? false);
        (int numExperts, int numExpertsPerToken) = ReadExperts(config, family);
        ModelConfig result = new()
        {
            Architecture = family.Architecture,
            HiddenSize = hiddenSize,
            IntermediateSize = Size(config, "intermediate_size", family.IntermediateSize, ConfigLimits.IntermediateSize),
            NumLayers = numLayers,
            NumHeads = numHeads,
            NumKVHeads = ReadKVHeads(config, family, numHeads),
            HeadDim = ReadHeadDim(config, family, hiddenSize, numHeads),
            VocabularySize = Size(config, "vocab_size", family.VocabularySize, ConfigLimits.VocabularySize),
            MaxPositions = maxPositions,
            RmsNormEpsilon = (float)(config.Number("rms_norm_eps", 1e-12, 1) ?? family.RmsNormEpsilon),
            Rope = RopeConfigReader.Read(config, family, maxPositions),
            TieWordEmbeddings = config.Bool("tie_word_embeddings") ?? false,
            QkvBias = family.AlwaysQkvBias || attentionBias,
            OutputBias = attentionBias,
            MlpBias = family.ReadsMlpBias && (config.Bool("mlp_bias") ?? false),
            QKNorm = family.QKNorm,
            SlidingWindows = SlidingWindowReader.Read(config, family, numLayers),
            NumExperts = numExperts,
            NumExpertsPerToken = numExpertsPerToken,
            DType = ReadDType(config),
            Warnings = [],
        };
        if (family.AlwaysQkvBias)
        {
            // Qwen2 never reads it; some of its configs state what holds anyway.
            _ = config.Bool("attention_bias");
        }

        ConfigFields.ThrowIfResultChanges(config);
        return ParameterCount.Of(result) > ParameterCount.Max
            ? throw new ModelFolderException(ConfigFile, null, $"describes {ParameterCount.Of(result):N0} parameters; at most {ParameterCount.Max:N0} are served")
            : result with { Warnings = ConfigFields.Warnings(config) };
    }

    private static ModelFamily FindFamily(ConfigObject config)
    {
        const int maxArchitectures = 16;
        string supported = string.Join(", ", ModelFamily.All.Select(static family => family.Architecture));
        string[] architectures = config.Texts("architectures", maxArchitectures) ?? [];
        string architecture = architectures.FirstOrDefault() ?? throw config.Wrong("architectures", $"is missing; supported are {supported}");
        ModelFamily family = ModelFamily.All.FirstOrDefault(family => family.Architecture == architecture)
            ?? throw config.Wrong("architectures", $"'{architecture}' is not supported; supported are {supported}");
        string? modelType = config.Text("model_type");
        return modelType is null || modelType == family.ModelType
            ? family
            : throw config.Wrong("model_type", $"is '{modelType}', but {architecture} goes with '{family.ModelType}'");
    }

    private static void CheckActivation(ConfigObject config)
    {
        string activation = config.Text("hidden_act") ?? "silu";
        if (activation is not ("silu" or "swish"))
        {
            throw config.Wrong("hidden_act", $"'{activation}' is not supported; silu is");
        }
    }

    private static int Size(ConfigObject config, string name, int defaultValue, int max) => config.Int(name, 1, max) ?? defaultValue;

    private static int ReadKVHeads(ConfigObject config, ModelFamily family, int numHeads)
    {
        // A null is "as many as heads" in every family; a missing field is the family's default.
        const string name = "num_key_value_heads";
        int numKVHeads = config.Int(name, 1, ConfigLimits.NumHeads) ?? (config.IsNull(name) ? numHeads : family.NumKVHeads ?? numHeads);
        return numHeads % numKVHeads == 0
            ? numKVHeads
            : throw config.Wrong(name, $"is {numKVHeads}, must divide num_attention_heads, {numHeads}");
    }

    private static int ReadHeadDim(ConfigObject config, ModelFamily family, int hiddenSize, int numHeads)
    {
        int? headDim = config.Int("head_dim", 1, ConfigLimits.HeadDim) ?? family.HeadDim;
        if (headDim is null && hiddenSize % numHeads != 0)
        {
            throw config.Wrong("hidden_size", $"is {hiddenSize}, must be a multiple of num_attention_heads, {numHeads}, when there is no head_dim");
        }

        int result = headDim ?? hiddenSize / numHeads;
        return result % 2 == 0 && result <= ConfigLimits.HeadDim
            ? result
            : throw config.Wrong("head_dim", $"is {result}, must be even for rotary positions and at most {ConfigLimits.HeadDim}");
    }

    private static (int NumExperts, int NumExpertsPerToken) ReadExperts(ConfigObject config, ModelFamily family)
    {
        if (!family.HasExperts)
        {
            return (0, 0);
        }

        // transformers reads num_experts as another name of the same.
        int? alias = config.Int("num_experts", 1, ConfigLimits.NumExperts);
        int numExperts = config.Int("num_local_experts", 1, ConfigLimits.NumExperts) ?? alias ?? 8;
        int perToken = Size(config, "num_experts_per_tok", 2, ConfigLimits.NumExperts);
        return perToken <= numExperts
            ? (numExperts, perToken)
            : throw config.Wrong("num_experts_per_tok", $"is {perToken}, must be at most num_local_experts, {numExperts}");
    }

    private static TensorDType? ReadDType(ConfigObject config)
    {
        // transformers 5 writes dtype, 4 torch_dtype; where both stand the new one counts.
        string? old = config.Text("torch_dtype");
        string field = config.Has("dtype") ? "dtype" : "torch_dtype";
        string? name = config.Text("dtype") ?? old;
        return name is null or "auto" ? null
            : TensorDTypes.ParseTorch(name) ?? throw config.Wrong(field, $"'{name}' is not supported; bfloat16, float16 and float32 are");
    }
}
