using Dynamo.Engine.Mock;
using Dynamo.Protocol.KV;
using Dynamo.Simulation.Configuration;

namespace Dynamo.Simulation.Machines;

/// <summary>
/// The worker that NVIDIA Dynamo's offline simulator simulates, rebuilt from what it does (docs/routing.md, The peer's machine): a block is
/// reusable from the moment it is scheduled, all prompts of a step are timed as that many of average length, and a sequence that was
/// preempted pays no time for output it computes again.
/// </summary>
internal sealed class PeerEngine : ISimulatedEngine
{
    private readonly MachineConfig _config;
    private readonly StepTiming _timing;
    private readonly PeerBlocks _blocks;
    private readonly IBlockListener _listener;
    private readonly int _worker;
    private readonly LinkedList<PeerSequence> _waiting = [];
    private readonly List<PeerSequence> _running = [];
    private readonly Dictionary<SimulatedRequest, PeerSequence> _parked = [];
    private readonly BlockKey[] _stored;
    private int _numScheduled;

    public PeerEngine(MachineConfig config, StepTiming timing, int worker, IBlockListener listener)
    {
        (_config, _timing, _worker, _listener) = (config, timing, worker, listener);
        _blocks = new PeerBlocks(config.NumBlocks, worker, listener);
        _stored = new BlockKey[(config.MaxBatchedTokens / config.BlockSize) + 2];
    }

    public bool HasWork => _running.Count > 0 || _waiting.Count > 0;

    public int NumUsedBlocks => _blocks.NumActive;

    public void Submit(SimulatedRequest request, bool isPrefillOnly) =>
        _waiting.AddLast(new PeerSequence(request, _config.BlockSize) { IsPrefillOnly = isPrefillOnly });

    public bool TryReserve(SimulatedRequest request, out int numReusedTokens)
    {
        PeerSequence sequence = new(request, _config.BlockSize) { NumTokens = request.Trace.InputLength + 1, IsReceived = true };
        numReusedTokens = 0;
        if (_waiting.Count > 0 || !HasPlace || !TryHoldPrefix(sequence))
        {
            return false;
        }

        numReusedTokens = sequence.NumComputedTokens;
        Grow(sequence, BlocksFor(sequence.NumTokens));
        _parked.Add(request, sequence);
        return true;
    }

    public void Resume(SimulatedRequest request)
    {
        _parked.Remove(request, out PeerSequence? sequence);
        sequence!.NumComputedTokens = sequence.NumTokens - 1;
        _running.Add(sequence);
    }

    public void Release(SimulatedRequest request)
    {
        if (_parked.Remove(request, out PeerSequence? parked))
        {
            Release(parked);
        }
        else if (_running.FindIndex(sequence => sequence.Request == request) is >= 0 and int index)
        {
            Release(_running[index]);
            _running.RemoveAt(index);
        }
        else if (_waiting.FirstOrDefault(sequence => sequence.Request == request) is { } waiting)
        {
            _waiting.Remove(waiting);
        }
    }

    public SimulatedStep? Begin(double now)
    {
        int budget = _config.MaxBatchedTokens;
        bool preempted = false;
        for (_numScheduled = 0; _numScheduled < _running.Count && budget > 0; _numScheduled++)
        {
            PeerSequence sequence = _running[_numScheduled];
            int numTokens = Math.Min(sequence.NumTokens - sequence.NumComputedTokens, budget);
            if (!GrowByPreempting(sequence, numTokens, ref preempted))
            {
                break;
            }

            budget -= numTokens;
        }

        while (!preempted && budget > 0 && HasPlace && _waiting.First is { } first && TryAdmit(first.Value, budget, now))
        {
            budget -= first.Value.NumScheduledTokens;
            _numScheduled++;
        }

        return _numScheduled > 0 ? Time()
            : _parked.Count > 0 ? null
            : throw new SimulationException($"Simulated worker {_worker} has {_waiting.Count} requests and can schedule none of them.");
    }

    public void End(List<SimulatedRequest> emitted)
    {
        int kept = 0;
        for (int i = 0; i < _running.Count; i++)
        {
            PeerSequence sequence = _running[i];
            if (i < _numScheduled)
            {
                sequence.NumComputedTokens += sequence.NumScheduledTokens;
                if (sequence.NumComputedTokens == sequence.NumTokens)
                {
                    sequence.NumTokens++;
                    emitted.Add(sequence.Request);
                    if (sequence.IsFinished)
                    {
                        Release(sequence);
                        continue;
                    }

                    if (sequence.IsPrefillOnly)
                    {
                        _parked.Add(sequence.Request, sequence);
                        continue;
                    }
                }
            }

            _running[kept++] = sequence;
        }

        _running.RemoveRange(kept, _running.Count - kept);
    }

    private bool GrowByPreempting(PeerSequence sequence, int numTokens, ref bool preempted)
    {
        int numBlocks = BlocksFor(sequence.NumComputedTokens + numTokens);
        while (_blocks.NumFree < numBlocks - sequence.NumBlocks)
        {
            PeerSequence victim = _running[^1];
            Release(victim);
            _running.RemoveAt(_running.Count - 1);
            victim.NumComputedTokens = 0;
            _waiting.AddFirst(victim);
            preempted = true;
            if (victim == sequence)
            {
                return false;
            }
        }

        sequence.NumScheduledTokens = numTokens;
        Grow(sequence, numBlocks);
        return true;
    }

    private bool HasPlace => _running.Count + _parked.Count < _config.MaxNumSequences;

    private bool TryAdmit(PeerSequence sequence, int budget, double now)
    {
        if (!TryHoldPrefix(sequence))
        {
            return false;
        }

        sequence.NumScheduledTokens = Math.Min(sequence.NumTokens - sequence.NumComputedTokens, budget);
        Grow(sequence, BlocksFor(sequence.NumComputedTokens + sequence.NumScheduledTokens));
        if (!sequence.IsReceived)
        {
            sequence.Request.NumReusedTokens = sequence.NumComputedTokens;
            sequence.Request.FirstAdmit ??= now;
        }

        _waiting.RemoveFirst();
        _running.Add(sequence);
        return true;
    }

    private bool TryHoldPrefix(PeerSequence sequence)
    {
        ReadOnlySpan<BlockKey> keys = sequence.FullKeys();
        (int hits, int active) = _blocks.Match(keys);

        // Idle blocks that it would hit are counted as taken: holding them takes them from the free ones.
        if (BlocksFor(sequence.NumTokens) - active > _blocks.NumFree)
        {
            return false;
        }

        // Something must be computed for a token to come out: of a full hit, the last block.
        hits -= hits * _config.BlockSize == sequence.NumTokens ? 1 : 0;
        for (int i = 0; i < hits; i++)
        {
            sequence.Blocks[i] = _blocks.Hold(keys[i], out _);
        }

        sequence.NumBlocks = hits;
        sequence.NumComputedTokens = hits * _config.BlockSize;
        return true;
    }

    private void Grow(PeerSequence sequence, int numBlocks)
    {
        if (sequence.NumBlocks >= numBlocks)
        {
            return;
        }

        ReadOnlySpan<BlockKey> keys = sequence.FullKeys();
        int numStored = 0;
        int firstStored = 0;
        for (; sequence.NumBlocks < numBlocks; sequence.NumBlocks++)
        {
            int i = sequence.NumBlocks;
            if (i >= keys.Length)
            {
                sequence.Blocks[i] = _blocks.HoldNew();
                continue;
            }

            sequence.Blocks[i] = _blocks.Hold(keys[i], out bool isNew);
            if (isNew)
            {
                firstStored = numStored == 0 ? i : firstStored;
                if (firstStored + numStored != i || numStored == _stored.Length)
                {
                    Tell(keys, firstStored, ref numStored);
                    firstStored = i;
                }

                _stored[numStored++] = keys[i];
            }
        }

        Tell(keys, firstStored, ref numStored);
    }

    private void Tell(ReadOnlySpan<BlockKey> keys, int first, ref int count)
    {
        if (count > 0)
        {
            _listener.OnStored(_worker, first == 0 ? null : keys[first - 1], _stored.AsSpan(0, count));
            count = 0;
        }
    }

    private void Release(PeerSequence sequence)
    {
        ReadOnlySpan<BlockKey> keys = sequence.FullKeys();
        for (int i = sequence.NumBlocks - 1; i >= 0; i--)
        {
            // Blocks of output get their names here, when they begin to matter.
            if (i >= sequence.Request.Keys.Length && (i + 1) * _config.BlockSize <= sequence.NumComputedTokens)
            {
                _blocks.Name(sequence.Blocks[i], keys[i]);
            }

            _blocks.Release(sequence.Blocks[i]);
        }

        sequence.NumBlocks = 0;
    }

    private SimulatedStep Time()
    {
        int numPrompts = 0;
        int numPrefillTokens = 0;
        int numEmitting = 0;
        int numDecoding = 0;
        long ends = 0;
        long starts = 0;
        for (int i = 0; i < _numScheduled; i++)
        {
            PeerSequence sequence = _running[i];
            int start = sequence.NumComputedTokens;
            int end = start + sequence.NumScheduledTokens;
            numEmitting += end == sequence.NumTokens ? 1 : 0;
            if (start < sequence.NumPromptTokens)
            {
                numPrompts++;
                ends += Math.Min(end, sequence.NumPromptTokens);
                starts += start;
                numPrefillTokens += sequence.NumScheduledTokens;
            }
            else
            {
                numDecoding++;
            }
        }

        int timed = numPrompts == 0 ? 0 : numPrompts * (int)((ends / numPrompts) - (starts / numPrompts));
        TimeSpan duration = _timing.Duration(new StepWork(timed, numEmitting, _blocks.NumActive, _blocks.Capacity));
        return new SimulatedStep(duration.TotalMilliseconds, numPrefillTokens, numDecoding, _blocks.NumActive);
    }

    private int BlocksFor(int numTokens) => (numTokens + _config.BlockSize - 1) / _config.BlockSize;
}
