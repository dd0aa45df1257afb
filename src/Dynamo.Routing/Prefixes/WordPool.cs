using System.Numerics;
using System.Runtime.InteropServices;

namespace Dynamo.Routing.Prefixes;

/// <summary>
/// Small arrays of 64-bit words, each owned by one run. Sizes are rounded up to classes (1, 2, 3, 4, 6, 8, 12, 16 ...), and the arrays of a class lie
/// densely behind one another: whoever frees one gets the last of its class moved into the gap. So nothing is ever fragmented and there is no
/// free list; what was freed goes back to the operating system. Not thread-safe.
/// </summary>
internal sealed unsafe class WordPool
{
    private const int IndexBits = 27;
    private const uint IndexMask = (1u << IndexBits) - 1;

    private readonly Arena?[] _arrays = new Arena?[NumClasses];
    private readonly Arena?[] _owners = new Arena?[NumClasses];

    /// <summary>Size classes. Handles are below <c>NumClasses &lt;&lt; 27</c>.</summary>
    public const int NumClasses = 31;

    /// <summary>Words of the largest array.</summary>
    public const int MaxWords = 3 << 14;

    /// <summary>Bytes taken from the operating system.</summary>
    public long NumBytes
    {
        get
        {
            long bytes = 0;
            for (int i = 0; i < NumClasses; i++)
            {
                bytes += (_arrays[i]?.NumBytes ?? 0) + (_owners[i]?.NumBytes ?? 0);
            }

            return bytes;
        }
    }

    /// <summary>Where an array is, until the next <see cref="Allocate"/> or <see cref="Free"/>.</summary>
    public ulong* this[uint handle] => (ulong*)_arrays[handle >> IndexBits]![handle & IndexMask];

    /// <summary>The smallest class whose arrays have so many words: odd classes are powers of two, even ones half-way between.</summary>
    public static int ClassOf(int numWords)
    {
        if (numWords <= 1)
        {
            return 0;
        }

        int log = BitOperations.Log2((uint)(numWords - 1));
        return log > 0 && numWords <= 3 << (log - 1) ? 2 * log : (2 * log) + 1;
    }

    /// <summary>Words of the arrays of a class.</summary>
    public static int Capacity(int sizeClass) => sizeClass switch
    {
        0 => 1,
        _ when (sizeClass & 1) == 1 => 1 << ((sizeClass + 1) / 2),
        _ => 3 << ((sizeClass / 2) - 1),
    };

    /// <summary>The class of an array.</summary>
    public static int ClassOfHandle(uint handle) => (int)(handle >> IndexBits);

    /// <summary>An array with undefined content.</summary>
    public uint Allocate(int sizeClass, uint owner)
    {
        Arena arrays = _arrays[sizeClass] ??= new Arena(Capacity(sizeClass) * sizeof(ulong));
        Arena owners = _owners[sizeClass] ??= new Arena(sizeof(uint));
        if (arrays.Count > IndexMask)
        {
            throw new InvalidOperationException($"More than {1 << IndexBits} arrays of {Capacity(sizeClass)} words.");
        }

        uint index = arrays.Push();
        owners.Push();
        *(uint*)owners[index] = owner;
        return ((uint)sizeClass << IndexBits) | index;
    }

    /// <summary>Gives an array back.</summary>
    /// <returns>The owner of the array that now has this handle, or 0 when none was moved.</returns>
    public uint Free(uint handle)
    {
        int sizeClass = ClassOfHandle(handle);
        uint index = handle & IndexMask;
        Arena arrays = _arrays[sizeClass]!;
        Arena owners = _owners[sizeClass]!;
        uint last = arrays.Count - 1;
        uint moved = 0;
        if (index != last)
        {
            NativeMemory.Copy(arrays[last], arrays[index], (nuint)(Capacity(sizeClass) * sizeof(ulong)));
            moved = *(uint*)owners[last];
            *(uint*)owners[index] = moved;
        }

        arrays.Pop();
        owners.Pop();
        return moved;
    }

    /// <summary>Who owns an array; for checks.</summary>
    public uint OwnerOf(uint handle) => *(uint*)_owners[ClassOfHandle(handle)]![handle & IndexMask];

    /// <summary>How many arrays there are; for checks.</summary>
    public long Count()
    {
        long count = 0;
        foreach (Arena? arrays in _arrays)
        {
            count += arrays?.Count ?? 0;
        }

        return count;
    }
}
