using System.Runtime.InteropServices;
using Dynamo.Torch.Native;
using Dynamo.Torch.Numerics;
using Dynamo.Torch.Weights;

namespace Dynamo.Torch.Layers;

/// <summary>Weights [out_i, in] that share their input, converted and stacked: [sum of out_i, in], or more rows of zeros below.</summary>
/// <typeparam name="T">Element.</typeparam>
internal sealed unsafe class StackedWeight<T> : IDisposable
    where T : unmanaged
{
    private readonly NativeBuffer<T> _values;

    /// <summary>Converts and stacks.</summary>
    /// <param name="weights">Weights [out_i, in].</param>
    /// <param name="multiple">Outputs are filled up with zeros to a multiple of it.</param>
    public StackedWeight(ReadOnlySpan<TensorView> weights, int multiple = 1)
    {
        _values = Stack(weights, weights[0].Shape[1] * multiple);
        NumInputs = (int)weights[0].Shape[1];
        NumOutputs = (int)(_values.Length / NumInputs);
    }

    public int NumInputs { get; }

    public int NumOutputs { get; }

    /// <summary>Row-major values.</summary>
    public T* Pointer => _values.Pointer;

    /// <summary>Converts tensors one behind the other; the caller disposes the result.</summary>
    /// <param name="sources">The tensors.</param>
    /// <param name="multiple">Elements are filled up with zeros to a multiple of it.</param>
    public static NativeBuffer<T> Stack(ReadOnlySpan<TensorView> sources, long multiple = 1)
    {
        long length = 0;
        foreach (TensorView source in sources)
        {
            length += source.NumElements;
        }

        long padded = (length + multiple - 1) / multiple * multiple;
        NativeBuffer<T> stacked = new(padded);
        NativeMemory.Clear(stacked.Pointer + length, checked((nuint)(padded - length) * (nuint)sizeof(T)));
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
