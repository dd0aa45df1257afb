using System.Diagnostics;
using static TorchSharp.torch;

namespace Dynamo.Benchmarks.Probes;

/// <summary>
/// Multiplies bfloat16 matrices that stay in the last-level cache, through libtorch (oneDNN), all threads at once. .NET has no instruction for
/// bfloat16 dot products, so this is the peak that a matrix product reaches here, AMX included, rather than the processor's.
/// </summary>
internal sealed class Bf16GemmProbe : IDisposable
{
    private const int Rows = 1024;
    private const int Size = 2048;

    private readonly Tensor _left;
    private readonly Tensor _right;

    public Bf16GemmProbe(int numThreads)
    {
        set_num_threads(numThreads);
        _left = randn(Rows, Size, dtype: ScalarType.BFloat16);
        _right = randn(Size, Size, dtype: ScalarType.BFloat16);
        Measure();
    }

    /// <summary>Operations per second of all threads together, a multiply-add being two.</summary>
    public double Measure()
    {
        long start = Stopwatch.GetTimestamp();
        using (mm(_left, _right))
        {
            return 2.0 * Rows * Size * Size / Stopwatch.GetElapsedTime(start).TotalSeconds;
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _left.Dispose();
        _right.Dispose();
    }
}
