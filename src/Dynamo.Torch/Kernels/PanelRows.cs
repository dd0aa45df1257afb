using System.Runtime.CompilerServices;

namespace Dynamo.Torch.Kernels;

/// <summary>Neighbouring rows of input and output that a tile works on. A tile that lacks rows repeats its last one.</summary>
internal unsafe struct PanelRows
{
    /// <summary>The first row's inputs.</summary>
    public float* X;

    /// <summary>Elements from one row of inputs to the next.</summary>
    public long XStride;

    /// <summary>The first row's sums, which the tile adds to.</summary>
    public float* Y;

    /// <summary>Elements from one row of sums to the next.</summary>
    public long YStride;

    /// <summary>Inputs of a row.</summary>
    /// <param name="row">Row.</param>
    /// <param name="count">Rows that there are.</param>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public readonly float* Input(int row, int count) => X + (Math.Min(row, count - 1) * XStride);

    /// <summary>As <see cref="Input"/>, of the sums.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public readonly float* Output(int row, int count) => Y + (Math.Min(row, count - 1) * YStride);

    /// <summary>These rows from another row, input and output on.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public readonly PanelRows From(long row, long input, long output) => new()
    {
        X = X + (row * XStride) + input,
        XStride = XStride,
        Y = Y + (row * YStride) + output,
        YStride = YStride,
    };
}
