using Dynamo.Torch.Native;
using Dynamo.Torch.Numerics;
using Dynamo.Torch.Weights;

namespace Dynamo.Torch.Layers;

/// <summary>Weights [out_i, in] that share their input, converted and stacked: [sum of out_i, in].</summary>
/// <typeparam name="T">Element.</typeparam>
internal sealed unsafe class StackedWeight<T> : IDisposable
    where T : unmanaged
{
    private readonly NativeBuffer<T> _values;

    public StackedWeight(ReadOnlySpan<TensorView> weights)
    {
        _values = Stack(weights);
        NumInputs = (int)weights[0].Shape[1];
        NumOutputs = (int)(_values.Length / NumInputs);
    }

    public int NumInputs { get; }

    public int NumOutputs { get; }

    /// <summary>Row-major values.</summary>
    public T* Pointer => _values.Pointer;

    /// <summary>Converts tensors one behind the other; the caller disposes the result.</summary>
    public static NativeBuffer<T> Stack(ReadOnlySpan<TensorView> sources)
    {
        long length = 0;
        foreach (TensorView source in sources)
        {
            length += source.NumElements;
        }

        NativeBuffer<T> stacked = new(length);
        T* target = stacked.Pointer;
        foreach (TensorView source in sources)
        {
            TorchDType<T>.Convert(source, target);
            target += source.NumElements;
        }

        return stacked;
    }

    /// <inheritdoc/>
    public void Dispose() => _values.Dispose();
}
