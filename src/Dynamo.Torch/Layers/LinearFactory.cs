using Dynamo.Torch.Weights;

namespace Dynamo.Torch.Layers;

/// <summary>Makes a model's linear layers, each on the path that its processor takes.</summary>
/// <param name="path">Of layers whose activations have the type of their weights. Where they are wider, oneDNN has none, and the path is our own.</param>
internal class LinearFactory(LinearPath path)
{
    /// <summary>The path of most of the model's work.</summary>
    public LinearPath Path { get; } = path;

    /// <summary>Makes a layer.</summary>
    /// <param name="weights">Weights [out_i, in] that share their input; the result is their outputs side by side.</param>
    /// <param name="biases">Biases [out_i], as many as weights, or none.</param>
    /// <typeparam name="TActivation">Element of input and output.</typeparam>
    /// <typeparam name="T">Element of weights.</typeparam>
    public virtual LinearLayer<TActivation> Make<TActivation, T>(ReadOnlySpan<TensorView> weights, ReadOnlySpan<TensorView> biases)
        where TActivation : unmanaged
        where T : unmanaged => typeof(TActivation) == typeof(T) && Path == LinearPath.OneDnn
            ? new PackedLinear<TActivation>(weights, biases)
            : (LinearLayer<TActivation>)(object)new PanelLinear<T>(weights, biases);
}
