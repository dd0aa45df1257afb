namespace Dynamo.Engine.Execution;

/// <summary>
/// All that a step needs: the batch for whoever computes it, and for whoever samples, which sequences leave their slots and which take one.
/// One instance is reused for every step; a step without starts allocates nothing.
/// </summary>
/// <remarks>
/// <para>Read in this order: ends, then starts, then the batch. A slot may end and start again in one plan. A sequence of the batch has a slot
/// that has started and not ended, once in a batch.</para>
/// <para>The rows of a slot go on where its last ones ended, from <see cref="SlotStart.NumComputedTokens"/> on: first the tokens that it
/// started with, in one or several steps, then one token a step, each of which the step before chose. The one row whose logits are wanted is
/// that of its last token; while more of the tokens that it started with are to come there is none.</para>
/// <para>The block table of a slot only grows: what a step needs is appended, and nothing before it changes until the slot ends.</para>
/// <para>Filled by the scheduler for one <see cref="IStepExecutor.Launch"/>; both on the engine thread.</para>
/// </remarks>
/// <param name="limits">Limits that the engine was started with.</param>
public sealed class StepPlan(StepLimits limits)
{
    /// <summary>What is computed.</summary>
    public StepBatch Batch { get; } = new(limits);

    /// <summary>Slots whose sequence is over, was preempted or left.</summary>
    public int NumEnded { get; set; }

    /// <summary>Those slots, [MaxNumSequences], the first <see cref="NumEnded"/> in use.</summary>
    public int[] EndedSlots { get; } = new int[limits.MaxNumSequences];

    /// <summary>Slots that a sequence takes.</summary>
    public int NumStarted { get; set; }

    /// <summary>Those, in the batch's order, [MaxNumSequences], the first <see cref="NumStarted"/> in use.</summary>
    public SlotStart[] Started { get; } = new SlotStart[limits.MaxNumSequences];
}
