using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;

namespace Dynamo.Benchmarks.Probes;

/// <summary>Reads memory that no cache holds, all threads at once: the speed at which weights can stream.</summary>
internal sealed unsafe class StreamProbe : IDisposable
{
    private const int BytesPerThread = 192 << 20;

    private readonly int _numThreads;
    private readonly byte* _memory;
    private long _sum;

    public StreamProbe(int numThreads)
    {
        _numThreads = numThreads;
        _memory = (byte*)NativeMemory.AlignedAlloc((nuint)numThreads * BytesPerThread, 64);

        // Pages that were never written are all one page of zeros.
        for (int i = 0; i < numThreads; i++)
        {
            new Span<byte>(_memory + ((long)i * BytesPerThread), BytesPerThread).Fill(1);
        }
    }

    /// <summary>Bytes per second of all threads together.</summary>
    public double Measure()
    {
        double seconds = ThreadTeam.Time(_numThreads, number => Interlocked.Add(ref _sum, Sum(_memory + ((long)number * BytesPerThread))));
        return (double)_numThreads * BytesPerThread / seconds;
    }

    /// <inheritdoc/>
    public void Dispose() => NativeMemory.AlignedFree(_memory);

    private static long Sum(byte* memory)
    {
        const int step = 8 * 64;
        Vector512<long> a = default, b = default, c = default, d = default;
        for (byte* end = memory + BytesPerThread; memory < end; memory += step)
        {
            a += Vector512.Load((long*)memory) + Vector512.Load((long*)(memory + 64));
            b += Vector512.Load((long*)(memory + 128)) + Vector512.Load((long*)(memory + 192));
            c += Vector512.Load((long*)(memory + 256)) + Vector512.Load((long*)(memory + 320));
            d += Vector512.Load((long*)(memory + 384)) + Vector512.Load((long*)(memory + 448));
        }

        return Vector512.Sum(a + b + c + d);
    }
}
