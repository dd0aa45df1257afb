using Dynamo.Engine.Sampling;
using Dynamo.Protocol.Frames;

namespace Dynamo.Engine.Execution;

/// <summary>A model in the caller's thread, and a sampler for each slot that is taken. A step allocates nothing but what somebody asked for.</summary>
/// <remarks>
/// Not thread-safe. What a slot's sampler counts is built from the tokens that it starts with and goes on with what it chooses, so that no
/// token needs to be sent back to it.
/// </remarks>
/// <param name="runner">The prepared model; stays the caller's to dispose.</param>
/// <param name="limits">The limits that it was prepared with.</param>
public sealed class LocalStepExecutor(IModelRunner runner, StepLimits limits) : IStepExecutor
{
    private readonly int _vocabularySize = runner.Shape.VocabularySize;
    private readonly SamplingScratch _scratch = new(runner.Shape.VocabularySize);
    private readonly SequenceSampler?[] _samplers = new SequenceSampler?[limits.MaxNumSequences];

    // Of the step in flight: whose each row of logits is.
    private readonly int[] _slots = new int[limits.MaxNumSequences];
    private readonly SampledToken[] _sampled = new SampledToken[limits.MaxNumSequences];
    private int _numLogits;
    private SingleStep _step;

    /// <summary>1: a sequence's next step needs the token of the one before.</summary>
    public int MaxStepsInFlight => 1;

    /// <inheritdoc/>
    public void Launch(StepPlan plan)
    {
        _step.RequireNone();
        EndAndStart(plan);
        ReadSlots(plan.Batch);
        runner.Launch(plan.Batch);
        _step.Begin();
    }

    /// <inheritdoc/>
    public ReadOnlySpan<SampledToken> Collect()
    {
        _step.End();
        Span<float> logits = runner.Collect();
        for (int row = 0; row < _numLogits; row++)
        {
            SequenceSampler sampler = _samplers[_slots[row]]!;
            int? token = sampler.Sample(logits.Slice(row * _vocabularySize, _vocabularySize), _scratch, out TokenLogprobs? logprobs);
            if (token is { } chosen)
            {
                sampler.OnAppended(chosen);
            }

            _sampled[row] = new SampledToken(token, logprobs);
        }

        return _sampled.AsSpan(0, _numLogits);
    }

    private void EndAndStart(StepPlan plan)
    {
        for (int i = 0; i < plan.NumEnded; i++)
        {
            int slot = plan.EndedSlots[i];
            _samplers[slot] = _samplers[slot] is null ? throw new InvalidOperationException($"Slot {slot} ends and nobody has it.") : null;
        }

        for (int i = 0; i < plan.NumStarted; i++)
        {
            ref readonly SlotStart start = ref plan.Started[i];
            _samplers[start.Slot] = _samplers[start.Slot] is null
                ? new SequenceSampler(start.Sampling, start.Tokens.Span, start.NumPromptTokens)
                : throw new InvalidOperationException($"Slot {start.Slot} starts and has not ended.");
        }
    }

    private void ReadSlots(StepBatch batch)
    {
        _numLogits = 0;
        for (int i = 0; i < batch.NumSequences; i++)
        {
            int slot = batch.Slots[i];
            if (_samplers[slot] is null)
            {
                throw new InvalidOperationException($"Slot {slot} is in the batch and nobody has it.");
            }

            if (_numLogits < batch.NumLogits && batch.LogitRows[_numLogits] == batch.RowStarts[i + 1] - 1)
            {
                _slots[_numLogits++] = slot;
            }
        }

        if (_numLogits != batch.NumLogits)
        {
            throw new InvalidOperationException($"Row {batch.LogitRows[_numLogits]}, whose logits are wanted, is the last of no sequence.");
        }
    }
}
