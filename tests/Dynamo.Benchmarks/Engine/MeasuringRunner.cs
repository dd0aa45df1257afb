using System.Diagnostics;
using Dynamo.Engine.Execution;
using Dynamo.Torch;

namespace Dynamo.Benchmarks.Engine;

/// <summary>Our runner with a clock and an allocation counter around each step; keeps logits when asked to.</summary>
/// <param name="inner">The runner.</param>
/// <param name="record">Where measurements go.</param>
internal sealed class MeasuringRunner(IModelRunner inner, RunRecord record) : IModelRunner
{
    private long _allocatedAtLaunch;
    private long _launched;

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
    public void Launch(StepBatch batch)
    {
        _allocatedAtLaunch = GC.GetAllocatedBytesForCurrentThread();
        _launched = Stopwatch.GetTimestamp();
        inner.Launch(batch);
    }

    /// <inheritdoc/>
    public Span<float> Collect()
    {
        Span<float> logits = inner.Collect();
        record.OnExecuted(Stopwatch.GetTimestamp() - _launched, GC.GetAllocatedBytesForCurrentThread() - _allocatedAtLaunch, logits);
        return logits;
    }

    /// <inheritdoc/>
    public void Dispose() => inner.Dispose();

    /// <summary>Loads torch runners and puts the clock around them.</summary>
    internal sealed class Factory(RunRecord record) : IModelRunnerFactory
    {
        /// <inheritdoc/>
        public IModelRunner Load(ModelLoadOptions options, IProgress<LoadProgress>? progress, CancellationToken cancellationToken) =>
            new MeasuringRunner(new TorchModelRunnerFactory().Load(options, progress, cancellationToken), record);
    }
}
