using Dynamo.Torch.Native;
using Dynamo.Torch.Numerics;
using Dynamo.Torch.Weights;

namespace Dynamo.Torch.Layers;

/// <summary>Weight [experts, hidden] of a router, row-major: too small to pack, and its scores are wanted in float32.</summary>
/// <typeparam name="T">Element.</typeparam>
internal sealed unsafe class RouterWeight<T> : IDisposable
    where T : unmanaged
{
    private readonly NativeBuffer<T> _values;

    public RouterWeight(TensorView source)
    {
        _values = new NativeBuffer<T>(source.NumElements);
        TorchDType<T>.Convert(source, _values.Pointer);
    }

    /// <summary>Row-major elements.</summary>
    public T* Values => _values.Pointer;

    /// <inheritdoc/>
    public void Dispose() => _values.Dispose();
}
