using Dynamo.Engine.Execution;

namespace Dynamo.Engine.Mock;

/// <summary>
/// Lets each step of another runner last as long as a timing model says, from its launch on: it computes, and collecting it waits for what is
/// left. Scheduling and sampling come on top, as on a real device. A step that takes longer to compute than it should last is not waited for.
/// </summary>
/// <param name="inner">Computes the steps; disposed with this.</param>
/// <param name="timing">How long each lasts.</param>
/// <param name="clock">In which time.</param>
public sealed class TimedModelRunner(IModelRunner inner, StepTiming timing, IStepClock clock) : IModelRunner
{
    private StepWorkReader? _works;
    private TimeSpan _due;
    private SingleStep _step;

    /// <inheritdoc/>
    public ModelShape Shape => inner.Shape;

    /// <inheritdoc/>
    public string NumericsClass => inner.NumericsClass;

    /// <summary>1: one step after another has the machine.</summary>
    public int MaxStepsInFlight => 1;

    /// <inheritdoc/>
    public long KVBytesPerBlock(int blockSize) => inner.KVBytesPerBlock(blockSize);

    /// <inheritdoc/>
    public void Prepare(StepLimits limits, int numBlocks)
    {
        _works = new StepWorkReader(limits, numBlocks);
        inner.Prepare(limits, numBlocks);
    }

    /// <inheritdoc/>
    public void Launch(StepBatch batch)
    {
        StepWorkReader works = _works ?? throw new InvalidOperationException("The runner must be prepared first.");
        _step.RequireNone();
        TimeSpan start = clock.Now;
        inner.Launch(batch);
        _due = start + timing.Duration(works.Read(batch));
        _step.Begin();
    }

    /// <inheritdoc/>
    public Span<float> Collect()
    {
        _step.End();
        Span<float> logits = inner.Collect();
        clock.WaitUntil(_due);
        return logits;
    }

    /// <inheritdoc/>
    public void Dispose() => inner.Dispose();
}
