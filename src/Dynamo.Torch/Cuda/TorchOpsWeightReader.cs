using Dynamo.Engine.Execution;
using Dynamo.Torch.Configuration;
using Dynamo.Torch.Weights;
using static TorchSharp.torch;

namespace Dynamo.Torch.Cuda;

/// <summary>Copies weights from mapped files to a device, a slice at a time, so that host memory stays small.</summary>
internal sealed class TorchOpsWeightReader(
    WeightFiles files, Device device, ScalarType dtype, IProgress<LoadProgress>? progress, CancellationToken cancellationToken)
{
    private const long SliceBytes = 64L << 20;

    private readonly List<Tensor> _owned = [];
    private long _loadedBytes;

    /// <summary>Every tensor made so far, views included. Outside of any dispose scope: the caller disposes them.</summary>
    public IReadOnlyList<Tensor> Owned => _owned;

    /// <summary>A linear layer of the checkpoint, with its bias when it has one.</summary>
    public TorchOpsLinear ReadLinear(string name, long outputs, long inputs, bool hasBias) =>
        Transposed(Read($"{name}.weight", outputs, inputs), hasBias ? Read($"{name}.bias", outputs) : null);

    /// <summary>A linear layer from a weight [out, in] that is already on the device.</summary>
    public TorchOpsLinear Transposed(Tensor weight, Tensor? bias) => new(Own(weight.t()), bias);

    /// <summary>A weight in the dtype of the model, on its device.</summary>
    public unsafe Tensor Read(string name, params ReadOnlySpan<long> shape)
    {
        cancellationToken.ThrowIfCancellationRequested();
        TensorView view = files.Get(name, shape);
        Tensor result = Own(empty(shape.ToArray(), dtype, device));
        long rows = shape[0];
        long rowBytes = view.ByteLength / rows;
        long rowsPerSlice = Math.Clamp(SliceBytes / rowBytes, 1, rows);
        long[] sliceShape = shape.ToArray();
        for (long row = 0; row < rows; row += rowsPerSlice)
        {
            sliceShape[0] = Math.Min(rowsPerSlice, rows - row);
            long bytes = sliceShape[0] * rowBytes;
            using Tensor host = empty(sliceShape, HostType(view.DType), CPU);
            new ReadOnlySpan<byte>((byte*)view.Data + (row * rowBytes), checked((int)bytes)).CopyTo(host.bytes);
            using Tensor target = result.narrow(0, row, sliceShape[0]);
            _ = target.copy_(host);
        }

        files.Release(view);
        _loadedBytes += view.ByteLength;
        progress?.Report(new LoadProgress(_loadedBytes, files.TotalBytes));
        return result;
    }

    private Tensor Own(Tensor tensor)
    {
        _owned.Add(tensor.DetachFromDisposeScope());
        return tensor;
    }

    private static ScalarType HostType(TensorDType type) => type switch
    {
        TensorDType.Float32 => ScalarType.Float32,
        TensorDType.Float16 => ScalarType.Float16,
        TensorDType.BFloat16 => ScalarType.BFloat16,
        _ => throw new ArgumentOutOfRangeException(nameof(type), type, "is not a weight type"),
    };
}
