using Dynamo.Torch.Kernels;
using Dynamo.Torch.Native;
using Dynamo.Torch.Numerics;
using Dynamo.Torch.Weights;

namespace Dynamo.Torch.Layers;

/// <summary>A layer through our own kernel, whose inputs, sums and outputs are float32; see <see cref="PanelGemm{T}"/>.</summary>
/// <typeparam name="T">Element of the weight: <see cref="Bf16"/> or <see cref="float"/>.</typeparam>
internal sealed unsafe class PanelLinear<T> : LinearLayer<float>
    where T : unmanaged
{
    private readonly NativeBuffer<T> _panels;
    private readonly NativeBuffer<float>? _bias;

    /// <summary>Converts, stacks and packs; the source may be dropped afterwards.</summary>
    /// <param name="weights">Weights [out_i, in] that share their input; the result is their outputs side by side.</param>
    /// <param name="biases">Biases [out_i], as many as weights, or none.</param>
    public PanelLinear(ReadOnlySpan<TensorView> weights, ReadOnlySpan<TensorView> biases)
    {
        using StackedWeight<T> stacked = new(weights);
        NumInputs = stacked.NumInputs;
        NumOutputs = stacked.NumOutputs;
        _panels = new NativeBuffer<T>(PanelWeight<T>.Length(NumOutputs, NumInputs));
        PanelGemm<T>.Pack(stacked.Pointer, _panels.Pointer, NumOutputs, NumInputs);
        _bias = biases.Length > 0 ? StackedWeight<float>.Stack(biases) : null;
    }

    /// <inheritdoc/>
    public override int NumInputs { get; }

    /// <inheritdoc/>
    public override int NumOutputs { get; }

    /// <inheritdoc/>
    public override LinearResult<float> Forward(float* input, int numRows)
    {
        LinearResult<float> result = new((long)numRows * NumOutputs);
        PanelGemm<T>.Multiply(input, _panels.Pointer, _bias is null ? null : _bias.Pointer, result.Data, numRows, NumOutputs, NumInputs, PanelGemm<T>.IsWide);
        return result;
    }

    /// <inheritdoc/>
    public override void Dispose()
    {
        _panels.Dispose();
        _bias?.Dispose();
    }
}
