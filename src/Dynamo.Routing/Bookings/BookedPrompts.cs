using Dynamo.Protocol.KV;

namespace Dynamo.Routing.Bookings;

/// <summary>
/// Which worker's requests hold which blocks, exactly, without a look at each block: prompts are kept as stretches that part where prompts part or
/// end, so a request holds a stretch whole or not at all, and whoever holds one holds all before it. Not thread-safe.
/// </summary>
/// <remarks>
/// A tree whose stretches are found by where the one before ends and by their first key, all in one table. A booking compares its keys with those
/// of the stretches that it shares, as vectors, and adds at most one stretch and one parting. Whatever keys are given, prompts share what they begin with in common.
/// </remarks>
internal sealed class BookedPrompts
{
    private readonly Dictionary<Branch, Stretch> _stretches = [];
    private long _lastEnd;

    /// <summary>Stretches in use.</summary>
    public int NumStretches => _stretches.Count;

    /// <summary>A request at a worker holds a prompt from now on.</summary>
    /// <param name="slot">The worker.</param>
    /// <param name="prompt">Keys of its full blocks. Kept while any request holds a block of it; must not change.</param>
    /// <returns>Blocks that no other request there holds.</returns>
    public int Book(int slot, BlockKey[] prompt)
    {
        int numHeld = 0;
        int at = 0;
        long end = 0;
        while (at < prompt.Length)
        {
            Branch branch = new(end, prompt[at]);
            if (!_stretches.TryGetValue(branch, out Stretch? stretch))
            {
                stretch = new Stretch(prompt, at, prompt.Length - at, ++_lastEnd);
                _stretches.Add(branch, stretch);
            }
            else
            {
                Part(stretch, stretch.CommonLength(prompt, at));
            }

            numHeld += stretch.Join(slot) ? 0 : stretch.Length;
            at += stretch.Length;
            end = stretch.End;
        }

        return prompt.Length - numHeld;
    }

    /// <summary>It does no more. Exactly what was booked may be released.</summary>
    /// <returns>Blocks that no other request there holds.</returns>
    public int Release(int slot, BlockKey[] prompt)
    {
        int numGone = 0;
        long end = 0;
        for (int at = 0; at < prompt.Length;)
        {
            Branch branch = new(end, prompt[at]);
            Stretch stretch = _stretches[branch];
            numGone += stretch.Leave(slot) ? stretch.Length : 0;
            if (stretch.IsFree)
            {
                _stretches.Remove(branch);
            }

            at += stretch.Length;
            end = stretch.End;
        }

        return numGone;
    }

    /// <summary>Full blocks of a prompt that requests at a worker hold, from the first on.</summary>
    public int Depth(int slot, ReadOnlySpan<BlockKey> prompt)
    {
        int depth = 0;
        long end = 0;
        while (depth < prompt.Length && _stretches.TryGetValue(new Branch(end, prompt[depth]), out Stretch? stretch) && stretch.IsHeldBy(slot))
        {
            int common = stretch.CommonLength(prompt, depth);
            depth += common;
            if (common < stretch.Length)
            {
                break;
            }

            end = stretch.End;
        }

        return depth;
    }

    /// <summary>The same for all workers.</summary>
    /// <param name="prompt">Keys of the prompt's full blocks.</param>
    /// <param name="depths">By slot, all of them overwritten; reaches beyond every slot.</param>
    public void Match(ReadOnlySpan<BlockKey> prompt, Span<int> depths)
    {
        depths.Clear();
        int depth = 0;
        long end = 0;
        while (depth < prompt.Length && _stretches.TryGetValue(new Branch(end, prompt[depth]), out Stretch? stretch))
        {
            int common = stretch.CommonLength(prompt, depth);
            depth += common;
            stretch.Write(depths, depth);

            if (common < stretch.Length)
            {
                break;
            }

            end = stretch.End;
        }
    }

    private void Part(Stretch stretch, int length)
    {
        if (length < stretch.Length)
        {
            Stretch rest = stretch.Part(length, ++_lastEnd);
            _stretches.Add(new Branch(stretch.End, rest.FirstKey), rest);
        }
    }

    private readonly struct Branch(long end, BlockKey key) : IEquatable<Branch>
    {
        private readonly long _end = end;
        private readonly ulong _key = key.Value;

        public bool Equals(Branch other) => _end == other._end && _key == other._key;

        public override bool Equals(object? obj) => obj is Branch other && Equals(other);

        public override int GetHashCode() => (int)(((_key ^ (ulong)_end) * 0x9E3779B97F4A7C15) >> 32);
    }
}
