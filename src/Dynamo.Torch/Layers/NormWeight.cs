using Dynamo.Torch.Native;
using Dynamo.Torch.Numerics;
using Dynamo.Torch.Weights;

namespace Dynamo.Torch.Layers;

/// <summary>Weight of an RMSNorm: rounded to the type of activations as a checkpoint in it would be, kept as float32 in pair order.</summary>
/// <typeparam name="T">Element of activations.</typeparam>
internal sealed unsafe class NormWeight<T> : IDisposable
    where T : unmanaged
{
    private readonly NativeBuffer<float> _values;

    /// <summary>Copies a weight [length].</summary>
    /// <param name="source">The weight.</param>
    /// <param name="numParts">Parts that are expanded each for itself: 1, or 2 for the halves of a head.</param>
    public NormWeight(TensorView source, int numParts)
    {
        using NativeBuffer<T> converted = new(source.NumElements);
        TorchDType<T>.Convert(source, converted.Pointer);
        _values = new NativeBuffer<float>(source.NumElements);
        long length = source.NumElements / numParts;
        for (long start = 0; start < source.NumElements; start += length)
        {
            Element<T>.Expand(converted.Pointer + start, _values.Pointer + start, length);
        }
    }

    /// <summary>Float32 in pair order.</summary>
    public float* Values => _values.Pointer;

    /// <inheritdoc/>
    public void Dispose() => _values.Dispose();
}
