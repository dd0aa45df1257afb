using Dynamo.Engine.Execution;

namespace Dynamo.Engine.Mock;

/// <summary>Makes runners whose loading and steps last as long as a simulated machine's.</summary>
/// <param name="inner">Makes the runners that compute.</param>
/// <param name="timing">How long steps last.</param>
/// <param name="clock">In which time steps last.</param>
/// <param name="startupTime">How long loading lasts, in real time so that it can be cancelled; 0 or more.</param>
public sealed class TimedModelRunnerFactory(IModelRunnerFactory inner, StepTiming timing, IStepClock clock, TimeSpan startupTime) : IModelRunnerFactory
{
    /// <inheritdoc/>
    public IModelRunner Load(ModelLoadOptions options, IProgress<LoadProgress>? progress, CancellationToken cancellationToken)
    {
        if (startupTime > TimeSpan.Zero)
        {
            cancellationToken.WaitHandle.WaitOne(startupTime);
        }

        return new TimedModelRunner(inner.Load(options, progress, cancellationToken), timing, clock);
    }
}
