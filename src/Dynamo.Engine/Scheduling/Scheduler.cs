using Dynamo.Engine.Blocks;
using Dynamo.Engine.Execution;
using Dynamo.Protocol.KV;

namespace Dynamo.Engine.Scheduling;

/// <summary>
/// Decides what each step computes. There is no prefill or decode phase: a sequence's computed tokens chase its tokens, running sequences
/// first, then waiting ones, under one token budget (vLLM v1's formulation). Not thread-safe: the engine thread's.
/// </summary>
/// <remarks>
/// A step: <see cref="Schedule"/> fills the plan and makes the blocks that it fills findable → an executor computes it and chooses tokens →
/// <see cref="OnComputed"/> moves the counters → the caller appends → <see cref="Finish"/> for those that ended. A runner writes the
/// keys and values of all rows of a layer before any row looks, so whoever enters the same step may hold blocks that this step fills. When
/// blocks run out, the running sequence that came last gives up its blocks and is computed again later, most of it from the cache.
/// </remarks>
internal sealed partial class Scheduler
{
    // Steps for whose growth of the running sequences an admission leaves room. Being preempted costs little where prefixes are cached, an idle
    // block costs a place in every step.
    private const int ReservedSteps = 4;

    private readonly BlockPool _pool;
    private readonly StepPlan _plan;
    private readonly StepBatch _batch;
    private readonly StepLimits _limits;
    private readonly bool _prefixCaching;
    private readonly int _mostReserved;
    private readonly WaitingQueue _waiting = new();
    private readonly List<Sequence> _running;
    private readonly List<Sequence> _scheduled;
    private readonly Stack<int> _freeSlots;
    private readonly int[] _hits;

    // Slots that ended since the last plan, for the next one.
    private readonly int[] _ended;
    private int _numEnded;

    /// <summary>Nothing waits or runs.</summary>
    /// <param name="pool">The blocks.</param>
    /// <param name="plan">Written by each <see cref="Schedule"/>.</param>
    /// <param name="prefixCaching">Whether to look up and keep prefixes.</param>
    public Scheduler(BlockPool pool, StepPlan plan, bool prefixCaching)
    {
        _pool = pool;
        _plan = plan;
        _batch = plan.Batch;
        _limits = _batch.Limits;
        _prefixCaching = prefixCaching;

        _mostReserved = pool.NumBlocks / 100;
        _running = new List<Sequence>(_limits.MaxNumSequences);
        _scheduled = new List<Sequence>(_limits.MaxNumSequences);
        _freeSlots = new Stack<int>(_limits.MaxNumSequences);
        for (int slot = _limits.MaxNumSequences - 1; slot >= 0; slot--)
        {
            _freeSlots.Push(slot);
        }

        _hits = new int[_limits.MaxBlocksPerSequence];
        _ended = new int[_limits.MaxNumSequences];
    }

    /// <summary>Sequences of the step that was scheduled last, in the batch's order.</summary>
    public IReadOnlyList<Sequence> Scheduled => _scheduled;

    /// <summary>Sequences that hold blocks, oldest admission first.</summary>
    public IReadOnlyList<Sequence> Running => _running;

    /// <summary>Sequences in the queue.</summary>
    public int NumWaiting => _waiting.Count;

    /// <summary>Whether there is anything to compute.</summary>
    public bool HasWork => _running.Count > 0 || _waiting.Count > 0;

    /// <summary>Sequences preempted so far.</summary>
    public long NumPreemptions { get; private set; }

    /// <summary>Tokens looked up in the prefix cache at first admission, so far.</summary>
    public long NumPrefixQueryTokens { get; private set; }

    /// <summary>Of <see cref="NumPrefixQueryTokens"/>, tokens found.</summary>
    public long NumPrefixHitTokens { get; private set; }

    /// <summary>Tokens that waiting and running sequences must compute before they can decode.</summary>
    public long NumQueuedPrefillTokens
    {
        get
        {
            long sum = _waiting.NumTokens;
            for (int i = 0; i < _running.Count; i++)
            {
                sum += _running[i].NumPrefillTokens;
            }

            return sum;
        }
    }

    /// <summary>Queues a new sequence; one that was finished before it came is ignored.</summary>
    public void Add(Sequence sequence)
    {
        if (sequence.State == SequenceState.Finished)
        {
            return;
        }

        sequence.State = SequenceState.Waiting;
        _waiting.AddLast(sequence);
    }

    /// <summary>Plans the next step.</summary>
    /// <returns>Whether there is anything to compute; if so, the plan must be launched: what it tells of slots is told once.</returns>
    public bool Schedule()
    {
        _scheduled.Clear();
        int budget = _limits.MaxBatchedTokens;
        bool preempted = false;

        for (int i = 0; i < _running.Count && budget > 0; i++)
        {
            Sequence sequence = _running[i];
            int numTokens = Math.Min(sequence.NumTokens - sequence.NumComputedTokens, budget);
            if (!GrowByPreempting(sequence, numTokens, ref preempted))
            {
                break;
            }

            budget -= numTokens;
            sequence.NumScheduledTokens = numTokens;
            Take(sequence);
        }

        // Whoever was preempted last is first in the queue and needs more than it gave up: looking for its prefix now would be in vain.
        while (!preempted && budget > 0 && _freeSlots.Count > 0 && _waiting.First is { } sequence)
        {
            if (!TryAdmit(sequence, budget))
            {
                break;
            }

            budget -= sequence.NumScheduledTokens;
            Take(sequence);
        }

        FillBatch();
        TellSlots();
        return _scheduled.Count > 0;
    }

    /// <summary>Counts the scheduled tokens as computed.</summary>
    public void OnComputed()
    {
        for (int i = 0; i < _scheduled.Count; i++)
        {
            _scheduled[i].NumComputedTokens += _scheduled[i].NumScheduledTokens;
        }
    }

    /// <summary>Ends a sequence that is not over: its blocks are free at once.</summary>
    public void Finish(Sequence sequence)
    {
        switch (sequence.State)
        {
            case SequenceState.New:
                // Its abort overtook it: submit and abort come from different threads.
                break;
            case SequenceState.Waiting:
                _waiting.Remove(sequence);
                break;
            case SequenceState.Running:
                ReleaseBlocks(sequence);
                _running.Remove(sequence);
                break;
            case SequenceState.Parked:
                ReleaseBlocks(sequence);
                NumParked--;
                break;
            default:
                throw new InvalidOperationException($"Sequence {sequence.Id} was finished twice.");
        }

        sequence.State = SequenceState.Finished;
    }

    private void Take(Sequence sequence)
    {
        _scheduled.Add(sequence);
        if (_prefixCaching)
        {
            CacheFullBlocks(sequence);
        }
    }

    private bool GrowByPreempting(Sequence sequence, int numTokens, ref bool preempted)
    {
        int numBlocks = BlocksFor(sequence.NumComputedTokens + numTokens);
        while (_pool.NumFree < numBlocks - sequence.NumBlocks)
        {
            // The last running sequence is never scheduled yet: the loop goes from the first.
            Sequence victim = _running[^1];
            Preempt(victim);
            preempted = true;
            if (victim == sequence)
            {
                return false;
            }
        }

        Grow(sequence, numBlocks);
        return true;
    }

    private void Preempt(Sequence victim)
    {
        ReleaseBlocks(victim);
        _running.RemoveAt(_running.Count - 1);
        victim.NumComputedTokens = 0;
        victim.State = SequenceState.Waiting;
        _waiting.AddFirst(victim);
        NumPreemptions++;
    }

    private bool TryAdmit(Sequence sequence, int budget)
    {
        int numHits = _prefixCaching ? FindPrefix(sequence) : 0;
        if (!Fits(sequence, numHits))
        {
            return false;
        }

        _waiting.Remove(sequence);
        _running.Add(sequence);
        sequence.State = SequenceState.Running;
        HoldPrefix(sequence, numHits);
        sequence.NumScheduledTokens = Math.Min(sequence.NumTokens - sequence.NumComputedTokens, budget);
        Grow(sequence, BlocksFor(sequence.NumComputedTokens + sequence.NumScheduledTokens));
        return true;
    }

    // All of it must fit, not just a step's part: a prompt that gets stuck half-way would be thrown out and begun again.
    private bool Fits(Sequence sequence, int numHits)
    {
        int needed = BlocksFor(sequence.NumTokens) - numHits;
        for (int i = 0; i < numHits; i++)
        {
            needed += _pool.IsFree(_hits[i]) ? 1 : 0;
        }

        return _pool.NumFree >= needed + NumReserved();
    }

    // Gives it a slot and the blocks that FindPrefix found.
    private void HoldPrefix(Sequence sequence, int numHits)
    {
        sequence.Slot = _freeSlots.Pop();
        Span<int> table = TableOf(sequence);
        for (int i = 0; i < numHits; i++)
        {
            _pool.Acquire(_hits[i]);
            table[i] = _hits[i];
        }

        sequence.NumBlocks = numHits;
        sequence.NumCachedBlocks = numHits;
        sequence.NumComputedTokens = numHits * _limits.BlockSize;
        if (sequence.NumCachedTokens is null)
        {
            sequence.NumCachedTokens = Math.Min(sequence.NumComputedTokens, sequence.NumPromptTokens);
            NumPrefixQueryTokens += _prefixCaching ? sequence.NumTokens : 0;
            NumPrefixHitTokens += sequence.NumComputedTokens;
        }
    }

    // Kept free when admitting beside others, so that these can grow for a while instead of being preempted at once.
    private int NumReserved()
    {
        int growth = ((_running.Count * ReservedSteps) + _limits.BlockSize - 1) / _limits.BlockSize;
        return _running.Count == 0 ? 0 : _prefixCaching ? Math.Min(growth, _mostReserved) : _mostReserved;
    }

    // The last token is always computed, because its logits are needed: a hit is at most one token less than the sequence.
    private int FindPrefix(Sequence sequence)
    {
        int most = (sequence.NumTokens - 1) / _limits.BlockSize;
        int numHits = 0;
        for (; numHits < most; numHits++)
        {
            SequenceHash hash = sequence.BlockHash(numHits, _limits.BlockSize);
            ReadOnlySpan<int> tokens = sequence.Tokens.Slice(numHits * _limits.BlockSize, _limits.BlockSize);
            if (_pool.Find(hash, sequence.ParentHash(numHits), tokens) is not { } block)
            {
                break;
            }

            _hits[numHits] = block;
        }

        return numHits;
    }

    private void CacheFullBlocks(Sequence sequence)
    {
        int numFull = (sequence.NumComputedTokens + sequence.NumScheduledTokens) / _limits.BlockSize;
        if (numFull <= sequence.NumCachedBlocks)
        {
            return;
        }

        // Where an equal block was findable first, ours was not taken; if that one has been evicted since, ours is offered again, so that
        // nothing is ever stored behind a parent that nobody can find.
        int first = sequence.NumCachedBlocks;
        while (first > 0 && !_pool.IsFindable(sequence.ParentHash(first)))
        {
            first--;
        }

        for (int i = first; i < numFull; i++)
        {
            SequenceHash hash = sequence.BlockHash(i, _limits.BlockSize);
            ReadOnlySpan<int> tokens = sequence.Tokens.Slice(i * _limits.BlockSize, _limits.BlockSize);
            _pool.Cache(TableOf(sequence)[i], hash, sequence.ParentHash(i), i == 0, tokens);
        }

        sequence.NumCachedBlocks = numFull;
    }

    private void Grow(Sequence sequence, int numBlocks)
    {
        Span<int> table = TableOf(sequence);
        for (; sequence.NumBlocks < numBlocks; sequence.NumBlocks++)
        {
            table[sequence.NumBlocks] = _pool.Allocate();
        }
    }

    private void ReleaseBlocks(Sequence sequence)
    {
        Span<int> table = TableOf(sequence);
        for (int i = sequence.NumBlocks - 1; i >= 0; i--)
        {
            _pool.Release(table[i]);
        }

        sequence.NumBlocks = 0;
        _freeSlots.Push(sequence.Slot);
        if (sequence.HasStarted)
        {
            sequence.HasStarted = false;
            _ended[_numEnded++] = sequence.Slot;
        }
    }

    private void FillBatch()
    {
        int row = 0;
        int numLogits = 0;
        for (int i = 0; i < _scheduled.Count; i++)
        {
            Sequence sequence = _scheduled[i];
            int first = sequence.NumComputedTokens;
            int numTokens = sequence.NumScheduledTokens;
            _batch.RowStarts[i] = row;
            _batch.Slots[i] = sequence.Slot;
            sequence.Tokens.Slice(first, numTokens).CopyTo(_batch.TokenIds.AsSpan(row));
            for (int j = 0; j < numTokens; j++)
            {
                _batch.Positions[row + j] = first + j;
            }

            row += numTokens;
            sequence.LogitRow = null;
            if (first + numTokens == sequence.NumTokens)
            {
                sequence.LogitRow = numLogits;
                _batch.LogitRows[numLogits++] = row - 1;
            }
        }

        _batch.RowStarts[_scheduled.Count] = row;
        _batch.NumSequences = _scheduled.Count;
        _batch.NumTokens = row;
        _batch.NumLogits = numLogits;
    }

    // A slot starts with the first step of its sequence there; one that ends before is nobody's affair. Without a step, ends wait for the next.
    private void TellSlots()
    {
        Array.Clear(_plan.Started, 0, _plan.NumStarted);
        (_plan.NumEnded, _plan.NumStarted) = (0, 0);
        if (_scheduled.Count == 0)
        {
            return;
        }

        _ended.AsSpan(0, _numEnded).CopyTo(_plan.EndedSlots);
        (_plan.NumEnded, _numEnded) = (_numEnded, 0);
        for (int i = 0; i < _scheduled.Count; i++)
        {
            Sequence sequence = _scheduled[i];
            if (!sequence.HasStarted)
            {
                sequence.HasStarted = true;
                _plan.Started[_plan.NumStarted++] =
                    new SlotStart(sequence.Slot, sequence.Sampling, sequence.TokensSoFar, sequence.NumPromptTokens, sequence.NumComputedTokens);
            }
        }
    }

    private int BlocksFor(int numTokens) => _limits.BlocksFor(numTokens);

    private Span<int> TableOf(Sequence sequence) =>
        _batch.BlockTables.AsSpan(sequence.Slot * _limits.MaxBlocksPerSequence, _limits.MaxBlocksPerSequence);
}
