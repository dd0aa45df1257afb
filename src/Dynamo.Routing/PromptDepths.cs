using System.Numerics;
using System.Runtime.InteropServices;
using Dynamo.Routing.Bookings;
using Dynamo.Routing.Prefixes;
using Dynamo.Routing.Workers;

namespace Dynamo.Routing;

/// <summary>How much of one prompt is where, in the order of the workers. Reused for every prompt; not thread-safe.</summary>
internal sealed class PromptDepths(WorkerTable workers, IPrefixIndex known, BookedPrompts booked)
{
    private int[] _known = [];
    private int[] _booked = [];
    private int[] _bySlot = [];

    /// <summary>By worker: full blocks of the prompt that it holds, from the first on. As long as columns are.</summary>
    public ReadOnlySpan<Vector<int>> Known => MemoryMarshal.Cast<int, Vector<int>>(_known.AsSpan(0, workers.Columns.Length));

    /// <summary>By worker: those that its requests hold.</summary>
    public ReadOnlySpan<Vector<int>> Booked => MemoryMarshal.Cast<int, Vector<int>>(_booked.AsSpan(0, workers.Columns.Length));

    /// <summary>Those that a worker's requests hold.</summary>
    public int BookedAt(int index) => _booked[index];

    /// <summary>Looks a prompt up.</summary>
    public void Find(ReadOnlySpan<ulong> prompt)
    {
        int size = Math.Max(workers.Columns.Length, workers.NumSlots);
        if (_known.Length < size)
        {
            (_known, _booked, _bySlot) = (new int[2 * size], new int[2 * size], new int[2 * size]);
        }

        ReadOnlySpan<int> slots = workers.Slots;
        if (slots.IsEmpty)
        {
            known.Match(prompt, _known.AsSpan(0, workers.NumSlots));
            booked.Match(prompt, _booked.AsSpan(0, workers.NumSlots));
        }
        else
        {
            known.Match(prompt, _bySlot.AsSpan(0, workers.NumSlots));
            Gather(slots, _known);
            booked.Match(prompt, _bySlot.AsSpan(0, workers.NumSlots));
            Gather(slots, _booked);
        }

        // Nobody is there.
        _known.AsSpan(workers.Count..workers.Columns.Length).Clear();
        _booked.AsSpan(workers.Count..workers.Columns.Length).Clear();
    }

    private void Gather(ReadOnlySpan<int> slots, Span<int> depths)
    {
        ReadOnlySpan<int> bySlot = _bySlot;
        depths = depths[..slots.Length];
        for (int i = 0; i < slots.Length; i++)
        {
            depths[i] = bySlot[slots[i]];
        }
    }
}
