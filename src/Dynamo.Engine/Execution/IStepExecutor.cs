namespace Dynamo.Engine.Execution;

/// <summary>
/// Computes steps and chooses their tokens: the seam between an engine, which knows sequences and blocks, and whatever computes for it, be it
/// one model in its own thread or ranks elsewhere. Only tokens come back; logits stay where they were computed.
/// </summary>
/// <remarks>
/// <para>Thread rule: the engine thread's. Each plan that was filled is launched, in order; steps are collected in the order of their launches, and
/// at most <see cref="MaxStepsInFlight"/> are launched and not collected.</para>
/// <para>What a step chooses is a pure function of logits, parameters, tokens so far, seed and position: the same however sequences were batched,
/// preempted or moved.</para>
/// <para>An error of a step may show in <see cref="Launch"/> or in <see cref="Collect"/>; after one the executor is dead, and with it the engine.</para>
/// </remarks>
public interface IStepExecutor
{
    /// <summary>Most steps that may be launched and not yet collected, at least 1; the same for the executor's life.</summary>
    int MaxStepsInFlight { get; }

    /// <summary>Begins a step.</summary>
    /// <param name="plan">The step; the caller's again once this returns, to be changed at once.</param>
    /// <exception cref="InvalidOperationException"><see cref="MaxStepsInFlight"/> steps are in flight, or the plan breaks a rule of <see cref="StepPlan"/>.</exception>
    void Launch(StepPlan plan);

    /// <summary>Waits until the oldest step in flight is over.</summary>
    /// <returns>One for each of the batch's <see cref="StepBatch.LogitRows"/>, in their order; valid until the next call of this executor.</returns>
    /// <exception cref="InvalidOperationException">No step is in flight.</exception>
    ReadOnlySpan<SampledToken> Collect();
}
