using Dynamo.Torch.Configuration;

namespace Dynamo.Torch.Layers;

/// <summary>down(silu(gate(x)) * up(x)); gate and up are one packed layer.</summary>
/// <typeparam name="TActivation">Element of activations.</typeparam>
/// <typeparam name="T">Element of weights.</typeparam>
internal sealed class GatedMlp<TActivation, T>
    where TActivation : unmanaged
    where T : unmanaged
{
    /// <summary>Reads and packs the three projections; <paramref name="source"/> owns their memory.</summary>
    public GatedMlp(WeightSource source, ModelConfig config, string prefix, string gate, string up, string down)
    {
        GateUp = source.Linear<TActivation, T>(
            config.MlpBias,
            ($"{prefix}.{gate}", config.IntermediateSize, config.HiddenSize),
            ($"{prefix}.{up}", config.IntermediateSize, config.HiddenSize));
        Down = source.Linear<TActivation, T>(config.MlpBias, ($"{prefix}.{down}", config.HiddenSize, config.IntermediateSize));
    }

    /// <summary>[hidden] → gate, then up, each [intermediate].</summary>
    public LinearLayer<TActivation> GateUp { get; }

    /// <summary>[intermediate] → [hidden].</summary>
    public LinearLayer<TActivation> Down { get; }
}
