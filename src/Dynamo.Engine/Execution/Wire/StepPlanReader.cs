using Dynamo.Protocol.Wire;

namespace Dynamo.Engine.Execution.Wire;

/// <summary>
/// Reads what a <see cref="StepPlanWriter"/> wrote into a plan of its own, which is then that of the writer, number by number. Believes nothing:
/// every slot, token, position and block is within the limits, or there is an exception. A step without starts allocates nothing.
/// </summary>
/// <remarks>Not thread-safe. After an exception it is dead: it no longer knows what the writer knows, and the ranks must be formed anew.</remarks>
/// <param name="limits">Limits of all plans, the writer's.</param>
/// <param name="numBlocks">Blocks of the cache.</param>
/// <param name="vocabularySize">Token ids are below this.</param>
public sealed class StepPlanReader(StepLimits limits, int numBlocks, int vocabularySize)
{
    // Slot, prompt, computed, count and one token, then parameters: six floats, a seed and 7 bytes.
    private const int MinStartBytes = 44;

    private readonly SlotTable _slots = new(limits.MaxNumSequences);
    private readonly StepPlan _plan = new(limits);

    // Tokens that a slot started with, until all of them are in a batch.
    private readonly ReadOnlyMemory<int>[] _startTokens = new ReadOnlyMemory<int>[limits.MaxNumSequences];
    private long _number;
    private bool _isDead;

    /// <summary>Reads the next plan.</summary>
    /// <param name="bytes">One whole plan; not kept.</param>
    /// <returns>The plan, at least one sequence; always the same object, valid until the next call. Its block tables hold what its rows need.</returns>
    /// <exception cref="WireFormatException">
    /// Not a whole plan of this version and within the limits, or not the one that follows the last: the message says what, which and the limit.
    /// </exception>
    /// <exception cref="InvalidOperationException">An earlier plan could not be read.</exception>
    public StepPlan Read(ReadOnlySpan<byte> bytes)
    {
        if (_isDead)
        {
            throw new InvalidOperationException("An earlier plan could not be read; what follows it means nothing.");
        }

        _isDead = true;
        WireReader reader = new(bytes);
        StepPlanFlags flags = ReadHead(ref reader);
        ReadEnds(ref reader, (flags & StepPlanFlags.Ends) != 0);
        ReadStarts(ref reader, (flags & StepPlanFlags.Starts) != 0);
        ReadOrder(ref reader, (flags & StepPlanFlags.List) != 0);
        ReadRows(ref reader);
        reader.ExpectEnd();
        _isDead = false;
        return _plan;
    }

    private StepPlanFlags ReadHead(ref WireReader reader)
    {
        byte head = reader.ReadByte();
        if (head >> 4 != StepPlanFormat.Version)
        {
            throw reader.Fault($"a plan in version {head >> 4}; this build reads version {StepPlanFormat.Version}");
        }

        StepPlanFlags flags = (StepPlanFlags)(head & 0xF);
        if ((flags & ~StepPlanFlags.All) != 0)
        {
            throw reader.Fault($"plan flags {(byte)flags}");
        }

        byte number = reader.ReadByte();
        byte expected = (byte)(++_number);
        return number == expected
            ? flags
            : throw reader.Fault($"plan {number} (modulo 256) where {expected} belongs: {(byte)(number - expected)} were lost, or {(byte)(expected - number)} come again");
    }

    private void ReadEnds(ref WireReader reader, bool hasEnds)
    {
        _plan.NumEnded = hasEnds ? reader.ReadBelow(limits.MaxNumSequences + 1, "number of slots that end") : 0;
        for (int i = 0; i < _plan.NumEnded; i++)
        {
            int slot = ReadTakenSlot(ref reader);
            _slots.End(slot);
            _startTokens[slot] = default;
            _plan.EndedSlots[i] = slot;
        }

        if (hasEnds)
        {
            _slots.DropEnded();
        }
    }

    private void ReadStarts(ref WireReader reader, bool hasStarts)
    {
        Array.Clear(_plan.Started, 0, _plan.NumStarted);
        _plan.NumStarted = 0;
        int count = hasStarts ? reader.ReadCount(MinStartBytes) : 0;
        for (int i = 0; i < count; i++)
        {
            SlotStart start = SlotStartCodec.Read(ref reader, limits, vocabularySize);
            if (_slots.IsTaken(start.Slot))
            {
                throw reader.Fault($"slot {start.Slot} starts and has not ended");
            }

            _slots.Start(start.Slot, start.Tokens.Length, start.NumComputedTokens);
            _startTokens[start.Slot] = start.Tokens;
            _plan.Started[_plan.NumStarted++] = start;
        }
    }

    private void ReadOrder(ref WireReader reader, bool isListed)
    {
        StepBatch batch = _plan.Batch;
        if (!isListed)
        {
            _slots.Order.CopyTo(batch.Slots);
            batch.NumSequences = _slots.Order.Length;
        }
        else
        {
            batch.NumSequences = reader.ReadBelow(limits.MaxNumSequences + 1, "number of sequences");
            for (int i = 0; i < batch.NumSequences; i++)
            {
                int slot = batch.Slots[i] = ReadTakenSlot(ref reader);
                ref long lastPlan = ref _slots[slot].LastPlan;
                lastPlan = lastPlan == _number ? throw reader.Fault($"slot {slot} is in a batch twice") : _number;
            }

            _slots.SetOrder(batch.Slots.AsSpan(0, batch.NumSequences));
        }

        if (batch.NumSequences == 0)
        {
            throw reader.Fault("a plan without sequences");
        }
    }

    private void ReadRows(ref WireReader reader)
    {
        StepBatch batch = _plan.Batch;
        (batch.NumTokens, batch.NumLogits) = (0, 0);
        for (int i = 0; i < batch.NumSequences; i++)
        {
            int slot = batch.Slots[i];
            ref SlotState state = ref _slots[slot];
            int row = batch.RowStarts[i] = batch.NumTokens;
            int left = limits.MaxBatchedTokens - row;
            int count = state.NextPosition < state.NumTokens ? ReadPromptRows(ref reader, slot, left) : ReadToken(ref reader, slot, left);
            for (int j = 0; j < count; j++)
            {
                batch.Positions[row + j] = state.NextPosition + j;
            }

            state.NextPosition += count;
            batch.NumTokens = batch.RowStarts[i + 1] = row + count;
            if (state.NextPosition == state.NumTokens)
            {
                _startTokens[slot] = default;
                if (batch.NumLogits == limits.MaxLogitRows)
                {
                    throw reader.Fault($"more than {limits.MaxLogitRows} rows of logits");
                }

                batch.LogitRows[batch.NumLogits++] = batch.NumTokens - 1;
            }

            ReadBlocks(ref reader, slot);
        }
    }

    // Rows of the tokens that the slot started with.
    private int ReadPromptRows(ref WireReader reader, int slot, int left)
    {
        ref SlotState state = ref _slots[slot];
        int numToCompute = state.NumTokens - state.NextPosition;
        int count = reader.ReadBelow(Math.Min(numToCompute, left) + 1, "number of rows");
        if (count == 0)
        {
            throw reader.Fault($"slot {slot} has no row");
        }

        _startTokens[slot].Span.Slice(state.NextPosition, count).CopyTo(_plan.Batch.TokenIds.AsSpan(_plan.Batch.NumTokens));
        return count;
    }

    // The token that the slot's step before chose.
    private int ReadToken(ref WireReader reader, int slot, int left)
    {
        ref SlotState state = ref _slots[slot];
        if (left == 0 || state.NumTokens == limits.MaxModelLength)
        {
            throw reader.Fault($"a token of slot {slot}, which has {state.NumTokens} of {limits.MaxModelLength}, behind {_plan.Batch.NumTokens} of {limits.MaxBatchedTokens} rows");
        }

        _plan.Batch.TokenIds[_plan.Batch.NumTokens] = reader.ReadBelow(vocabularySize, "token");
        state.NumTokens++;
        return 1;
    }

    private void ReadBlocks(ref WireReader reader, int slot)
    {
        ref SlotState state = ref _slots[slot];
        int needed = limits.BlocksFor(state.NextPosition);
        if (needed == state.NumBlocks)
        {
            return;
        }

        Span<int> table = _plan.Batch.BlockTables.AsSpan(slot * limits.MaxBlocksPerSequence, needed);
        for (; state.NumBlocks < needed; state.NumBlocks++)
        {
            table[state.NumBlocks] = reader.ReadBelow(numBlocks, "block");
        }
    }

    private int ReadTakenSlot(ref WireReader reader)
    {
        int slot = reader.ReadBelow(limits.MaxNumSequences, "slot");
        return _slots.IsTaken(slot) ? slot : throw reader.Fault($"slot {slot}, which nobody has");
    }
}
