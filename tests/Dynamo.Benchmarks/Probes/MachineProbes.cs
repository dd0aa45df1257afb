namespace Dynamo.Benchmarks.Probes;

/// <summary>What the machine can do at this moment; a shared host changes from minute to minute.</summary>
internal sealed class MachineProbes(int numThreads) : IDisposable
{
    private readonly StreamProbe _stream = new(numThreads);
    private readonly FmaProbe _fma = new(numThreads);
    private readonly Bf16GemmProbe _gemm = new(numThreads);

    /// <summary>Bytes per second read from memory. The better of two, since one may have been disturbed.</summary>
    public double ReadBandwidth() => Math.Max(_stream.Measure(), _stream.Measure());

    /// <summary>Operations per second in float32 registers.</summary>
    public double Float32() => Math.Max(_fma.Measure(), _fma.Measure());

    /// <summary>Operations per second of a bfloat16 matrix product.</summary>
    public double BFloat16() => Math.Max(_gemm.Measure(), _gemm.Measure());

    /// <inheritdoc/>
    public void Dispose()
    {
        _stream.Dispose();
        _gemm.Dispose();
    }
}
