using Dynamo.Torch.Configuration;

namespace Dynamo.Torch.Layers;

/// <summary>Weights of one transformer layer: attention, then a dense MLP or experts.</summary>
/// <typeparam name="T">Element of weights and activations.</typeparam>
internal sealed class DecoderLayer<T>
    where T : unmanaged
{
    /// <summary>Reads and packs one layer; <paramref name="source"/> owns its memory.</summary>
    public DecoderLayer(ModelConfig config, WeightSource source, int index)
    {
        string layer = $"model.layers.{index}";
        string attention = $"{layer}.self_attn";
        InputNorm = source.Norm<T>($"{layer}.input_layernorm", config.HiddenSize);
        Qkv = source.Linear<T>(
            config.QkvBias,
            ($"{attention}.q_proj", config.QuerySize, config.HiddenSize),
            ($"{attention}.k_proj", config.KVSize, config.HiddenSize),
            ($"{attention}.v_proj", config.KVSize, config.HiddenSize));
        if (config.QKNorm)
        {
            QueryNorm = source.Norm<T>($"{attention}.q_norm", config.HeadDim);
            KeyNorm = source.Norm<T>($"{attention}.k_norm", config.HeadDim);
        }

        Output = source.Linear<T>(config.OutputBias, ($"{attention}.o_proj", config.HiddenSize, config.QuerySize));
        PostAttentionNorm = source.Norm<T>($"{layer}.post_attention_layernorm", config.HiddenSize);
        Window = config.SlidingWindows[index] ?? 0;
        if (config.NumExperts == 0)
        {
            Mlp = new GatedMlp<T>(source, config, $"{layer}.mlp", "gate_proj", "up_proj", "down_proj");
            return;
        }

        Router = source.Router<T>($"{layer}.block_sparse_moe.gate", config.NumExperts, config.HiddenSize);
        Experts = new GatedMlp<T>[config.NumExperts];
        for (int expert = 0; expert < config.NumExperts; expert++)
        {
            Experts[expert] = new GatedMlp<T>(source, config, $"{layer}.block_sparse_moe.experts.{expert}", "w1", "w3", "w2");
        }
    }

    public NormWeight<T> InputNorm { get; }

    /// <summary>Query, key and value heads side by side.</summary>
    public PackedLinear<T> Qkv { get; }

    /// <summary>Norm of each query head, when the family has one.</summary>
    public NormWeight<T>? QueryNorm { get; }

    /// <summary>Norm of each key head, when the family has one.</summary>
    public NormWeight<T>? KeyNorm { get; }

    public PackedLinear<T> Output { get; }

    public NormWeight<T> PostAttentionNorm { get; }

    /// <summary>Positions that a token sees, itself included; 0 for all.</summary>
    public int Window { get; }

    /// <summary>The MLP of a dense layer.</summary>
    public GatedMlp<T>? Mlp { get; }

    /// <summary>The router of a layer of experts.</summary>
    public RouterWeight<T>? Router { get; }

    /// <summary>The experts, or none.</summary>
    public GatedMlp<T>[] Experts { get; } = [];
}
