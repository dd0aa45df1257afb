using Dynamo.Engine.Execution;
using Dynamo.Engine.Sharing;

namespace Dynamo.Torch.Cuda;

/// <summary>A runner with the GPU that it has taken among those of its host; both end together.</summary>
internal sealed class GpuModelRunner(IModelRunner inner, GpuSharing gpu) : IModelRunner
{
    /// <inheritdoc/>
    public ModelShape Shape => inner.Shape;

    /// <inheritdoc/>
    public string NumericsClass => inner.NumericsClass;

    /// <inheritdoc/>
    public int MaxStepsInFlight => inner.MaxStepsInFlight;

    /// <inheritdoc/>
    public long KVBytesPerBlock(int blockSize) => inner.KVBytesPerBlock(blockSize);

    /// <inheritdoc/>
    public void Prepare(StepLimits limits, int numBlocks) => inner.Prepare(limits, numBlocks);

    /// <inheritdoc/>
    public void Launch(StepBatch batch) => inner.Launch(batch);

    /// <inheritdoc/>
    public Span<float> Collect() => inner.Collect();

    /// <inheritdoc/>
    public void Dispose()
    {
        inner.Dispose();
        gpu.Dispose();
    }
}
