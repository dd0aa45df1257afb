namespace Dynamo.Benchmarks.Probes;

/// <summary>What the machine can do at this moment; a shared host changes from minute to minute.</summary>
/// <param name="numThreads">Threads of each probe.</param>
/// <param name="hasBFloat16">Whether the processor multiplies bfloat16; where it does not, a product takes minutes.</param>
internal sealed class MachineProbes(int numThreads, bool hasBFloat16) : IDisposable
{
    private const int NumTries = 3;

    private readonly StreamProbe _stream = new(numThreads);
    private readonly FmaProbe _fma = new(numThreads);
    private readonly Bf16GemmProbe? _gemm = hasBFloat16 ? new(numThreads) : null;

    /// <summary>Bytes per second read from memory.</summary>
    public double ReadBandwidth() => Best(_stream.Measure);

    /// <summary>Operations per second in float32 registers.</summary>
    public double Float32() => Best(_fma.Measure);

    /// <summary>Operations per second of a bfloat16 matrix product; 0 where the processor has none.</summary>
    public double BFloat16() => _gemm is null ? 0 : Best(_gemm.Measure);

    /// <inheritdoc/>
    public void Dispose()
    {
        _stream.Dispose();
        _gemm?.Dispose();
    }

    // A try may have been disturbed.
    private static double Best(Func<double> measure) => Enumerable.Range(0, NumTries).Max(_ => measure());
}
