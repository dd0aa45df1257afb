using System.Buffers;
using Dynamo.Protocol.Wire;

namespace Dynamo.Engine.Execution.Wire;

/// <summary>
/// Writes plans as bytes for any number of <see cref="StepPlanReader"/>s, all of which get every plan from the first on, in order. After a
/// slot's first step only differences are written, so a step without starts takes a few bytes for each sequence and allocates nothing.
/// </summary>
/// <remarks>Not thread-safe. After an exception it is dead: the readers would no longer know what it knows.</remarks>
/// <param name="limits">Limits of all plans.</param>
public sealed class StepPlanWriter(StepLimits limits)
{
    private readonly SlotTable _slots = new(limits.MaxNumSequences);
    private long _number;
    private bool _isDead;

    /// <summary>Writes the next plan.</summary>
    /// <param name="plan">A plan of at least one sequence; not kept.</param>
    /// <param name="output">Gets the plan's bytes in one piece.</param>
    /// <exception cref="ArgumentException">The plan breaks a rule of <see cref="StepPlan"/>; nothing is written.</exception>
    /// <exception cref="InvalidOperationException">An earlier plan could not be written.</exception>
    public void Write(StepPlan plan, IBufferWriter<byte> output)
    {
        if (_isDead)
        {
            throw new InvalidOperationException("An earlier plan could not be written; the readers cannot go on from this one.");
        }

        _isDead = true;
        _number++;
        EndAndStart(plan);
        StepBatch batch = plan.Batch;
        ReadOnlySpan<int> order = batch.Slots.AsSpan(0, batch.NumSequences);
        Require(order.Length > 0, "a plan has at least one sequence");
        bool isExpected = order.SequenceEqual(_slots.Order);
        WireWriter writer = new();
        try
        {
            WriteHead(ref writer, plan, isExpected ? default : order);
            WriteRows(ref writer, batch);
            output.Write(writer.Written);
        }
        finally
        {
            writer.Dispose();
        }

        if (!isExpected)
        {
            _slots.SetOrder(order);
        }

        _isDead = false;
    }

    private void EndAndStart(StepPlan plan)
    {
        for (int i = 0; i < plan.NumEnded; i++)
        {
            int slot = plan.EndedSlots[i];
            Require(_slots.IsTaken(slot), "a slot that ends is taken", slot);
            _slots.End(slot);
        }

        if (plan.NumEnded > 0)
        {
            _slots.DropEnded();
        }

        for (int i = 0; i < plan.NumStarted; i++)
        {
            ref readonly SlotStart start = ref plan.Started[i];
            Require((uint)start.Slot < (uint)limits.MaxNumSequences && !_slots.IsTaken(start.Slot), "a slot that starts is nobody's", start.Slot);
            Require(start.NumComputedTokens < start.Tokens.Length && start.Tokens.Length <= limits.MaxModelLength, "a start has a token to compute", start.Slot);
            _slots.Start(start.Slot, start.Tokens.Length, start.NumComputedTokens);
        }
    }

    // An empty list is not written.
    private void WriteHead(ref WireWriter writer, StepPlan plan, ReadOnlySpan<int> list)
    {
        writer.WriteByte(StepPlanFormat.Head(
            (plan.NumEnded > 0 ? StepPlanFlags.Ends : 0) | (plan.NumStarted > 0 ? StepPlanFlags.Starts : 0) | (list.IsEmpty ? 0 : StepPlanFlags.List)));
        writer.WriteByte((byte)_number);
        if (plan.NumEnded > 0)
        {
            WriteSlots(ref writer, plan.EndedSlots.AsSpan(0, plan.NumEnded));
        }

        if (plan.NumStarted > 0)
        {
            writer.WriteInt32(plan.NumStarted);
            for (int i = 0; i < plan.NumStarted; i++)
            {
                SlotStartCodec.Write(ref writer, in plan.Started[i]);
            }
        }

        if (!list.IsEmpty)
        {
            WriteSlots(ref writer, list);
        }
    }

    private static void WriteSlots(ref WireWriter writer, ReadOnlySpan<int> slots)
    {
        writer.WriteInt32(slots.Length);
        foreach (int slot in slots)
        {
            writer.WriteInt32(slot);
        }
    }

    private void WriteRows(ref WireWriter writer, StepBatch batch)
    {
        int numLogits = 0;
        for (int i = 0; i < batch.NumSequences; i++)
        {
            int slot = batch.Slots[i];
            Require(_slots.IsTaken(slot), "a slot of the batch is taken", slot);
            ref SlotState state = ref _slots[slot];
            Require(state.LastPlan != _number, "a slot is in a batch once", slot);
            state.LastPlan = _number;

            int row = batch.RowStarts[i];
            int end = batch.RowStarts[i + 1];
            Require(row < end && batch.Positions[row] == state.NextPosition, "the rows of a slot go on where its last ones ended", slot);
            if (state.NextPosition < state.NumTokens)
            {
                writer.WriteInt32(end - row);
            }
            else
            {
                Require(state.NumTokens < limits.MaxModelLength, "a slot has no more tokens than the longest sequence", slot);
                writer.WriteInt32(batch.TokenIds[row]);
                state.NumTokens++;
            }

            state.NextPosition += end - row;
            Require(state.NextPosition <= state.NumTokens, "behind the tokens that a slot starts with it has one more each step", slot);
            bool hasLogits = numLogits < batch.NumLogits && batch.LogitRows[numLogits] == end - 1;
            Require(hasLogits == (state.NextPosition == state.NumTokens), "logits are wanted of the row of a slot's last token", slot);
            numLogits += hasLogits ? 1 : 0;

            ReadOnlySpan<int> table = batch.BlockTables.AsSpan(slot * limits.MaxBlocksPerSequence, limits.MaxBlocksPerSequence);
            for (int numBlocks = limits.BlocksFor(state.NextPosition); state.NumBlocks < numBlocks; state.NumBlocks++)
            {
                writer.WriteInt32(table[state.NumBlocks]);
            }
        }

        Require(numLogits == batch.NumLogits, "logits are wanted of the row of a slot's last token");
    }

    private static void Require(bool holds, string rule, int? slot = null)
    {
        if (!holds)
        {
            throw new ArgumentException($"A plan that breaks the rule that {rule}{(slot is null ? "" : $": slot {slot}")}.");
        }
    }
}
