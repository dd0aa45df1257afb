using Dynamo.Torch.Configuration;
using Dynamo.Torch.Native;
using Dynamo.Torch.Numerics;

namespace Dynamo.Torch.Layers;

/// <summary>Cosines and sines of positions, float32 in pair order, rounded where transformers rounds: angle = position * frequency in float32.</summary>
/// <remarks>
/// A position is computed when a step first reaches it: a model that allows millions of positions costs what its sequences use. Not
/// thread-safe; kernels read it between two calls of <see cref="Reach"/>.
/// </remarks>
/// <typeparam name="T">Element of the heads that are rotated.</typeparam>
internal sealed unsafe class RopeTable<T> : IDisposable
    where T : unmanaged
{
    private readonly NativeBuffer<float> _cos;
    private readonly NativeBuffer<float> _sin;
    private readonly float[] _frequencies;
    private readonly int _half;
    private int _numComputed;

    /// <summary>Makes room for [numPositions, headDim / 2] twice.</summary>
    public RopeTable(RopeConfig rope, int headDim, int numPositions)
    {
        _half = headDim / 2;
        _cos = new NativeBuffer<float>((long)numPositions * _half);
        _sin = new NativeBuffer<float>((long)numPositions * _half);
        _frequencies = rope.ComputeInverseFrequencies(headDim);
    }

    /// <summary>Computes what is missing up to a position, itself included.</summary>
    public void Reach(int position)
    {
        for (; _numComputed <= position; _numComputed++)
        {
            float* cos = Cos(_numComputed);
            float* sin = Sin(_numComputed);
            for (int i = 0; i < _half; i++)
            {
                (double sine, double cosine) = Math.SinCos(_numComputed * _frequencies[i]);
                long at = Element<T>.ExpandedIndex(i, _half);
                cos[at] = (float)cosine;
                sin[at] = (float)sine;
            }
        }
    }

    /// <summary>Cosines of a position.</summary>
    public float* Cos(int position) => _cos.Pointer + ((long)position * _half);

    /// <summary>Sines of a position.</summary>
    public float* Sin(int position) => _sin.Pointer + ((long)position * _half);

    /// <inheritdoc/>
    public void Dispose()
    {
        _cos.Dispose();
        _sin.Dispose();
    }
}
