using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;
using Dynamo.Protocol.KV;
using Dynamo.Routing.Bookings;
using Dynamo.Routing.Prefixes;
using Dynamo.Routing.Vectors;
using Dynamo.Routing.Workers;

namespace Dynamo.Routing.Scoring;

/// <summary>How much of one prompt is where, in the order of the workers. Reused for every prompt; not thread-safe.</summary>
internal sealed class PromptDepths(WorkerTable workers, IPrefixIndex known, BookedPrompts booked)
{
    private AlignedArray<int> _known;
    private AlignedArray<int> _booked;
    private AlignedArray<int> _bySlot;

    /// <summary>By worker: full blocks of the prompt that it holds, from the first on. As long as columns are.</summary>
    public ReadOnlySpan<Vector512<int>> Known => MemoryMarshal.Cast<int, Vector512<int>>(_known.Span[..workers.Columns.Length]);

    /// <summary>By worker: those that its requests hold.</summary>
    public ReadOnlySpan<Vector512<int>> Booked => MemoryMarshal.Cast<int, Vector512<int>>(_booked.Span[..workers.Columns.Length]);

    /// <summary>Those that a worker holds.</summary>
    public int KnownAt(int index) => _known.Span[index];

    /// <summary>Those that a worker's requests hold.</summary>
    public int BookedAt(int index) => _booked.Span[index];

    /// <summary>Looks up what requests hold of a prompt.</summary>
    public void FindBooked(ReadOnlySpan<BlockKey> prompt)
    {
        int size = Math.Max(workers.Columns.Length, workers.NumSlots);
        if (_known.Length < size)
        {
            (_known, _booked, _bySlot) = (new AlignedArray<int>(2 * size), new AlignedArray<int>(2 * size), new AlignedArray<int>(2 * size));
        }

        booked.Match(prompt, BySlot(_booked));
        Order(_booked);
    }

    /// <summary>Looks up what workers hold of it, after <see cref="FindBooked"/>.</summary>
    public void FindKnown(ReadOnlySpan<BlockKey> prompt)
    {
        known.Match(prompt, BySlot(_known));
        Order(_known);
    }

    private Span<int> BySlot(AlignedArray<int> depths) => (workers.Slots.IsEmpty ? depths : _bySlot).Span[..workers.NumSlots];

    private void Order(AlignedArray<int> depths)
    {
        if (!workers.Slots.IsEmpty)
        {
            Gather(workers.Slots, depths.Span);
        }

        // Nobody is there.
        depths.Span[workers.Count..workers.Columns.Length].Clear();
    }

    private void Gather(ReadOnlySpan<int> slots, Span<int> depths)
    {
        ReadOnlySpan<int> bySlot = _bySlot.Span;
        depths = depths[..slots.Length];
        for (int i = 0; i < slots.Length; i++)
        {
            depths[i] = bySlot[slots[i]];
        }
    }
}
