namespace Dynamo.Routing.Bookings;

/// <summary>
/// Which worker's requests hold which blocks, exactly, without a look at each block: prompts are kept as stretches that part where prompts part or
/// end, so a request holds a stretch whole or not at all, and whoever holds one holds all before it. Not thread-safe.
/// </summary>
/// <remarks>
/// A key names its whole prefix, so a stretch is found by its first key, whatever it follows. A booking compares its keys with those of the
/// stretches that it shares, as vectors, and adds at most one stretch and one parting.
/// </remarks>
internal sealed class BookedPrompts
{
    private readonly Dictionary<ulong, Stretch> _stretches = [];

    /// <summary>Stretches in use.</summary>
    public int NumStretches => _stretches.Count;

    /// <summary>A request at a worker holds a prompt from now on.</summary>
    /// <param name="slot">The worker.</param>
    /// <param name="prompt">Keys of its full blocks. Kept while any request holds a block of it; must not change.</param>
    /// <returns>Blocks that no other request there holds.</returns>
    public int Book(int slot, ulong[] prompt)
    {
        int numHeld = 0;
        int at = 0;
        while (at < prompt.Length)
        {
            if (!_stretches.TryGetValue(prompt[at], out Stretch? stretch))
            {
                stretch = new Stretch(prompt, at, prompt.Length - at);
                _stretches.Add(prompt[at], stretch);
            }
            else
            {
                Part(stretch, stretch.CommonLength(prompt, at));
            }

            numHeld += stretch.Join(slot) ? 0 : stretch.Length;
            at += stretch.Length;
        }

        return prompt.Length - numHeld;
    }

    /// <summary>It does no more. Exactly what was booked may be released.</summary>
    /// <returns>Blocks that no other request there holds.</returns>
    public int Release(int slot, ulong[] prompt)
    {
        int numGone = 0;
        for (int at = 0, length; at < prompt.Length; at += length)
        {
            Stretch stretch = _stretches[prompt[at]];
            length = stretch.Length;
            numGone += stretch.Leave(slot) ? length : 0;
            if (stretch.IsFree)
            {
                _stretches.Remove(prompt[at]);
            }
        }

        return numGone;
    }

    /// <summary>Full blocks of a prompt that requests at a worker hold, from the first on.</summary>
    public int Depth(int slot, ReadOnlySpan<ulong> prompt)
    {
        int depth = 0;
        while (depth < prompt.Length && _stretches.TryGetValue(prompt[depth], out Stretch? stretch) && stretch.IsHeldBy(slot))
        {
            int common = stretch.CommonLength(prompt, depth);
            depth += common;
            if (common < stretch.Length)
            {
                break;
            }
        }

        return depth;
    }

    /// <summary>The same for all workers.</summary>
    /// <param name="prompt">Keys of the prompt's full blocks.</param>
    /// <param name="depths">By slot, all of them overwritten; reaches beyond every slot.</param>
    public void Match(ReadOnlySpan<ulong> prompt, Span<int> depths)
    {
        depths.Clear();
        int depth = 0;
        while (depth < prompt.Length && _stretches.TryGetValue(prompt[depth], out Stretch? stretch))
        {
            int common = stretch.CommonLength(prompt, depth);
            depth += common;
            foreach (int slot in stretch.Slots)
            {
                depths[slot] = depth;
            }

            if (common < stretch.Length)
            {
                break;
            }
        }
    }

    private void Part(Stretch stretch, int length)
    {
        if (length < stretch.Length)
        {
            Stretch rest = stretch.Part(length);
            _stretches.Add(rest.FirstKey, rest);
        }
    }
}
