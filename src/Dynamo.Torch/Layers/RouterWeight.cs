using Dynamo.Torch.Native;
using Dynamo.Torch.Numerics;
using Dynamo.Torch.Weights;

namespace Dynamo.Torch.Layers;

/// <summary>
/// Weight [experts, hidden] of a router, rounded to the model's element type and kept as float32 in pair order: too small to pack, and scores
/// from unrounded inputs choose the reference's experts more often.
/// </summary>
/// <typeparam name="T">Element.</typeparam>
internal sealed unsafe class RouterWeight<T> : IDisposable
    where T : unmanaged
{
    private readonly NativeBuffer<float> _values;

    /// <summary>Copies a weight.</summary>
    public RouterWeight(TensorView source)
    {
        using NativeBuffer<T> converted = new(source.NumElements);
        TorchDType<T>.Convert(source, converted.Pointer);
        _values = new NativeBuffer<float>(source.NumElements);
        long hidden = source.Shape[1];
        for (long start = 0; start < source.NumElements; start += hidden)
        {
            Element<T>.Expand(converted.Pointer + start, _values.Pointer + start, hidden);
        }
    }

    /// <summary>Rows of float32 in pair order.</summary>
    public float* Values => _values.Pointer;

    /// <inheritdoc/>
    public void Dispose() => _values.Dispose();
}
