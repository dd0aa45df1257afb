using System.Diagnostics;
using Dynamo.Engine.Execution;
using Dynamo.Torch;

namespace Dynamo.Benchmarks.Engine;

/// <summary>Our runner with a clock and an allocation counter around each step; keeps logits when asked to.</summary>
/// <param name="inner">The runner.</param>
/// <param name="record">Where measurements go.</param>
internal sealed class MeasuringRunner(IModelRunner inner, RunRecord record) : IModelRunner
{
    /// <inheritdoc/>
    public ModelShape Shape => inner.Shape;

    /// <inheritdoc/>
    public string NumericsClass => inner.NumericsClass;

    /// <inheritdoc/>
    public long KVBytesPerBlock(int blockSize) => inner.KVBytesPerBlock(blockSize);

    /// <inheritdoc/>
    public void Prepare(StepLimits limits, int numBlocks) => inner.Prepare(limits, numBlocks);

    /// <inheritdoc/>
    public Span<float> Execute(StepBatch batch)
    {
        long allocated = GC.GetAllocatedBytesForCurrentThread();
        long start = Stopwatch.GetTimestamp();
        Span<float> logits = inner.Execute(batch);
        record.OnExecuted(Stopwatch.GetTimestamp() - start, GC.GetAllocatedBytesForCurrentThread() - allocated, logits);
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
