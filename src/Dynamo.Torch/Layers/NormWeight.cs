using Dynamo.Torch.Native;
using Dynamo.Torch.Numerics;
using Dynamo.Torch.Weights;

namespace Dynamo.Torch.Layers;

/// <summary>Weight of an RMSNorm: rounded to the model's element type as a checkpoint in it would be, kept as float32 in pair order.</summary>
/// <typeparam name="T">Element of activations.</typeparam>
internal sealed unsafe class NormWeight<T> : IDisposable
    where T : unmanaged
{
    private readonly NativeBuffer<float> _values;

    /// <summary>Copies a weight [length].</summary>
    public NormWeight(TensorView source)
    {
        using NativeBuffer<T> converted = new(source.NumElements);
        TorchDType<T>.Convert(source, converted.Pointer);
        _values = new NativeBuffer<float>(source.NumElements);
        Element<T>.Expand(converted.Pointer, _values.Pointer, source.NumElements);
    }

    /// <summary>Float32 in pair order.</summary>
    public float* Values => _values.Pointer;

    /// <inheritdoc/>
    public void Dispose() => _values.Dispose();
}
