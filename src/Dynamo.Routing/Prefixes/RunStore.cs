using System.Diagnostics;
using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics.X86;

namespace Dynamo.Routing.Prefixes;

/// <summary>All runs with their keys. A run's number is above 0 and stays; its keys move. Not thread-safe.</summary>
internal sealed unsafe class RunStore
{
    /// <summary>So many runs stay in a processor's own caches.</summary>
    public const int MaxNear = 1 << 12;

    private const int KeysPerLine = 8;

    private readonly Arena _runs = new(sizeof(Run));
    private readonly WordPool _keys = new();
    private uint _firstFree;

    public RunStore()
    {
        // Number 0 is nobody.
        *(Run*)_runs[_runs.Push()] = default;
    }

    /// <summary>Numbers given out so far, those free again included.</summary>
    public uint NumIds => _runs.Count;

    /// <summary>Runs in use.</summary>
    public long NumRuns { get; private set; }

    /// <summary>Whether there are so many that what is looked for should be fetched ahead.</summary>
    public bool AreFar => NumRuns > MaxNear;

    /// <summary>Bytes taken from the operating system.</summary>
    public long NumBytes => _runs.NumBytes + _keys.NumBytes;

    /// <summary>A run, until the next <see cref="Add"/>.</summary>
    public ref Run this[uint id] => ref *(Run*)_runs[id];

    /// <summary>A run's keys, until keys are allocated or freed.</summary>
    public ulong* Keys(uint id)
    {
        Debug.Assert(this[id].Count <= Room(this[id]), "A run has more keys than room.");
        return _keys[this[id].Keys];
    }

    /// <inheritdoc cref="Keys(uint)"/>
    public ulong* Keys(in Run run)
    {
        Debug.Assert(run.Count <= Room(run), "A run has more keys than room.");
        return _keys[run.Keys];
    }

    /// <summary>Whether a position has this key.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public bool HasKey(uint id, int offset, ulong key)
    {
        Debug.Assert(offset < Room(this[id]), "A run has no such position.");
        return Keys(id)[offset] == key;
    }

    /// <summary>A run with nothing live and room for keys.</summary>
    public uint Add(int numKeys)
    {
        uint id = _firstFree;
        if (id == 0)
        {
            id = _runs.Push();
        }
        else
        {
            _firstFree = this[id].Keys;
        }

        this[id] = new Run { Keys = _keys.Allocate(WordPool.ClassOf(numKeys), id) };
        NumRuns++;
        return id;
    }

    /// <summary>Frees a run and its keys.</summary>
    public void Free(uint id)
    {
        FreeKeys(this[id].Keys);
        this[id] = new Run { Keys = _firstFree };
        _firstFree = id;
        NumRuns--;
    }

    /// <summary>Makes room for at least so many keys; the first <paramref name="numKept"/> stay.</summary>
    public void Grow(uint id, int numKeys, int numKept)
    {
        if (WordPool.ClassOf(numKeys) > WordPool.ClassOfHandle(this[id].Keys))
        {
            Resize(id, numKeys, numKept);
        }
    }

    /// <summary>Gives back room when half of it is too much, so that a run that loses block after block moves seldom.</summary>
    public void Shrink(uint id)
    {
        int count = this[id].Count;
        if (WordPool.ClassOf(count) <= WordPool.ClassOfHandle(this[id].Keys) - 2)
        {
            Resize(id, count, count);
        }
    }

    /// <summary>Asks the processor for a run's header.</summary>
    public void PrefetchRun(uint id) => Prefetch(_runs[id]);

    /// <summary>Asks the processor for a run's keys; a free one has none.</summary>
    public void PrefetchKeys(uint id)
    {
        if (this[id].Live == 0)
        {
            return;
        }

        ulong* keys = Keys(id);
        int count = this[id].Count;
        for (int i = 0; i < count; i += KeysPerLine)
        {
            Prefetch(keys + i);
        }
    }

    /// <summary>How many keys a run has room for; for checks.</summary>
    public static int Room(in Run run) => WordPool.Capacity(WordPool.ClassOfHandle(run.Keys));

    /// <summary>Who owns a run's keys; for checks.</summary>
    public uint OwnerOfKeys(uint id) => _keys.OwnerOf(this[id].Keys);

    /// <summary>Arrays of keys; for checks.</summary>
    public long NumKeyArrays() => _keys.Count();

    /// <summary>The class of a run's keys; for checks.</summary>
    public int KeyClass(uint id) => WordPool.ClassOfHandle(this[id].Keys);

    private static void Prefetch(void* address)
    {
        if (Sse.IsSupported)
        {
            Sse.Prefetch0(address);
        }
    }

    private void Resize(uint id, int numKeys, int numKept)
    {
        uint old = this[id].Keys;
        uint keys = _keys.Allocate(WordPool.ClassOf(numKeys), id);
        new ReadOnlySpan<ulong>(_keys[old], numKept).CopyTo(new Span<ulong>(_keys[keys], numKept));
        this[id].Keys = keys;
        FreeKeys(old);
    }

    private void FreeKeys(uint handle)
    {
        uint moved = _keys.Free(handle);
        if (moved != 0)
        {
            this[moved].Keys = handle;
        }
    }
}
