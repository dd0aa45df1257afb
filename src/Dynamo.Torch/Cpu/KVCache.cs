using System.Numerics;
using Dynamo.Torch.Configuration;
using Dynamo.Torch.Kernels;
using Dynamo.Torch.Native;
using Dynamo.Torch.Numerics;

namespace Dynamo.Torch.Cpu;

/// <summary>Keys and values of all layers: per layer, per block [2 (keys, values), KV heads, block size, padded head size], contiguous.</summary>
/// <typeparam name="T">Element.</typeparam>
internal sealed unsafe class KVCache<T> : IDisposable
    where T : unmanaged
{
    private readonly NativeBuffer<T>[] _layers;
    private readonly ModelConfig _config;
    private readonly int _blockSize;
    private readonly int _rowStride;

    /// <summary>Allocates.</summary>
    /// <exception cref="OutOfMemoryException">The message gives the size.</exception>
    public KVCache(ModelConfig config, int blockSize, int numBlocks)
    {
        _config = config;
        _blockSize = blockSize;
        _rowStride = Padded(config.HeadDim);
        _layers = new NativeBuffer<T>[config.NumLayers];
        try
        {
            for (int i = 0; i < _layers.Length; i++)
            {
                // Whatever it holds: a position is written, padding included, before it is read.
                _layers[i] = new NativeBuffer<T>(BlockStride * numBlocks);
            }
        }
        catch (OutOfMemoryException e)
        {
            Dispose();
            throw new OutOfMemoryException(
                $"The KV cache of {numBlocks} blocks takes {BytesPerBlock(config, blockSize) * numBlocks >> 20} MiB, which cannot be had; give fewer with NumBlocks.", e);
        }
    }

    /// <summary>Elements of one block in one layer.</summary>
    public long BlockStride => 2L * _config.NumKVHeads * _blockSize * _rowStride;

    /// <summary>Head size in the cache: a multiple of what a kernel loads at once.</summary>
    public static int Padded(int headSize) => (headSize + Element<T>.PairLength - 1) & -Element<T>.PairLength;

    /// <summary>Bytes of one block over all layers.</summary>
    public static long BytesPerBlock(ModelConfig config, int blockSize) =>
        2L * config.NumLayers * config.NumKVHeads * blockSize * Padded(config.HeadDim) * sizeof(T);

    /// <summary>Elements from one KV head of a block to the next.</summary>
    public long HeadStride => (long)_blockSize * _rowStride;

    /// <summary>KV head 0 of a layer; its block table is for the caller to set.</summary>
    /// <param name="layer">Layer.</param>
    /// <param name="window">Positions that a token sees, 0 for all.</param>
    public KVHead<T> Head(int layer, int window)
    {
        T* keys = _layers[layer].Pointer;
        return new KVHead<T>
        {
            Keys = keys,
            Values = keys + (_config.NumKVHeads * HeadStride),
            BlockStride = BlockStride,
            RowStride = _rowStride,
            BlockShift = BitOperations.Log2((uint)_blockSize),
            HeadSize = _config.HeadDim,
            Window = window,
        };
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        foreach (NativeBuffer<T>? layer in _layers)
        {
            layer?.Dispose();
        }
    }
}
