namespace Dynamo.Benchmarks.Probes;

/// <summary>What the machine can do at this moment; a shared host changes from minute to minute.</summary>
internal sealed class MachineProbes(int numThreads) : IDisposable
{
    private const int NumTries = 3;

    private readonly StreamProbe _stream = new(numThreads);
    private readonly FmaProbe _fma = new(numThreads);
    private readonly Bf16GemmProbe _gemm = new(numThreads);

    /// <summary>Bytes per second read from memory.</summary>
    public double ReadBandwidth() => Best(_stream.Measure);

    /// <summary>Operations per second in float32 registers.</summary>
    public double Float32() => Best(_fma.Measure);

    /// <summary>Operations per second of a bfloat16 matrix product.</summary>
    public double BFloat16() => Best(_gemm.Measure);

    /// <inheritdoc/>
    public void Dispose()
    {
        _stream.Dispose();
        _gemm.Dispose();
    }

    // A try may have been disturbed.
    private static double Best(Func<double> measure) => Enumerable.Range(0, NumTries).Max(_ => measure());
}
