using Dynamo.Torch.Configuration;

namespace Dynamo.Torch.Layers;

/// <summary>Weights of one transformer layer: attention, then a dense MLP or experts.</summary>
/// <typeparam name="TActivation">Element of activations; the residual stream is in its pair order.</typeparam>
/// <typeparam name="T">Element of weights.</typeparam>
internal sealed class DecoderLayer<TActivation, T>
    where TActivation : unmanaged
    where T : unmanaged
{
    /// <summary>Reads and packs one layer; <paramref name="source"/> owns its memory.</summary>
    public DecoderLayer(ModelConfig config, WeightSource source, int index)
    {
        string layer = $"model.layers.{index}";
        string attention = $"{layer}.self_attn";
        InputNorm = source.Norm<TActivation>($"{layer}.input_layernorm", config.HiddenSize);
        Qkv = source.Linear<TActivation, T>(
            config.QkvBias,
            ($"{attention}.q_proj", config.QuerySize, config.HiddenSize),
            ($"{attention}.k_proj", config.KVSize, config.HiddenSize),
            ($"{attention}.v_proj", config.KVSize, config.HiddenSize));
        if (config.QKNorm)
        {
            QueryNorm = source.HeadNorm<TActivation>($"{attention}.q_norm", config.HeadDim);
            KeyNorm = source.HeadNorm<TActivation>($"{attention}.k_norm", config.HeadDim);
        }

        Output = source.Linear<TActivation, T>(config.OutputBias, ($"{attention}.o_proj", config.HiddenSize, config.QuerySize));
        PostAttentionNorm = source.Norm<TActivation>($"{layer}.post_attention_layernorm", config.HiddenSize);
        Window = config.SlidingWindows[index] ?? 0;
        if (config.NumExperts == 0)
        {
            Mlp = new GatedMlp<TActivation, T>(source, config, $"{layer}.mlp", "gate_proj", "up_proj", "down_proj");
            return;
        }

        Router = source.Router<TActivation>($"{layer}.block_sparse_moe.gate", config.NumExperts, config.HiddenSize);
        Experts = new GatedMlp<TActivation, T>[config.NumExperts];
        for (int expert = 0; expert < config.NumExperts; expert++)
        {
            Experts[expert] = new GatedMlp<TActivation, T>(source, config, $"{layer}.block_sparse_moe.experts.{expert}", "w1", "w3", "w2");
        }
    }

    public NormWeight<TActivation> InputNorm { get; }

    /// <summary>Query, key and value heads side by side.</summary>
    public LinearLayer<TActivation> Qkv { get; }

    /// <summary>Norm of each query head, halves expanded, when the family has one.</summary>
    public NormWeight<TActivation>? QueryNorm { get; }

    /// <summary>Norm of each key head, halves expanded, when the family has one.</summary>
    public NormWeight<TActivation>? KeyNorm { get; }

    /// <summary>Attended heads → [hidden].</summary>
    public LinearLayer<TActivation> Output { get; }

    public NormWeight<TActivation> PostAttentionNorm { get; }

    /// <summary>Positions that a token sees, itself included; 0 for all.</summary>
    public int Window { get; }

    /// <summary>The MLP of a dense layer.</summary>
    public GatedMlp<TActivation, T>? Mlp { get; }

    /// <summary>The router of a layer of experts, [experts, hidden].</summary>
    public StackedWeight<TActivation>? Router { get; }

    /// <summary>The experts, or none.</summary>
    public GatedMlp<TActivation, T>[] Experts { get; } = [];
}
