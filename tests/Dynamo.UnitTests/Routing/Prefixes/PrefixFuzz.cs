using System.Runtime.InteropServices;
using Dynamo.Routing.Prefixes;

namespace Dynamo.UnitTests.Routing.Prefixes;

/// <summary>
/// Random operations on an index and on a plain one, with equal answers asked all the time. Sequences branch from one another; parents are true,
/// missing or wrong; children come before parents; blocks go from anywhere, come back, come twice; slots are purged and used again.
/// </summary>
internal sealed class PrefixFuzz
{
    private const int MaxLength = 300;
    private const int NumSequences = 64;
    private const int ValidateEach = 1000;

    private readonly Random _random;
    private readonly int _numSlots;
    private readonly List<ulong[]> _sequences = [];
    private readonly PrefixIndex _index = new();
    private readonly DictionaryPrefixIndex _oracle = new();
    private readonly int[] _expected;
    private readonly int[] _actual;

    public PrefixFuzz(int seed, int numSlots)
    {
        _random = new Random(seed);
        _numSlots = numSlots;
        _expected = new int[numSlots + 8];
        _actual = new int[numSlots + 8];
        while (_sequences.Count < NumSequences)
        {
            _sequences.Add(NewSequence());
        }
    }

    /// <summary>Operations that changed or asked something.</summary>
    public long NumOperations { get; private set; }

    /// <summary>Runs until so many operations are done.</summary>
    /// <exception cref="InvalidOperationException">An answer differs, or the index is not whole.</exception>
    public void Run(long numOperations)
    {
        while (NumOperations < numOperations)
        {
            Step();
            if (++NumOperations % ValidateEach == 0)
            {
                PrefixIndexCheck.Validate(_index);
                Require(_index.NumDistinctBlocks == _oracle.NumDistinctBlocks, "distinct blocks");
            }
        }

        Empty();
    }

    private void Step()
    {
        // Some slots are busier than others, some blocks too.
        int slot = Math.Min(_random.Next(_numSlots), _random.Next(_numSlots));
        switch (_random.Next(1000))
        {
            case < 330:
                Store(slot, Part());
                break;
            case < 480:
                Remove(slot, Part());
                break;
            case < 500:
                Scattered(slot, Part());
                break;
            case < 501:
                _index.Cleared(slot);
                _oracle.Cleared(slot);
                break;
            case < 505:
                _sequences[_random.Next(NumSequences)] = NewSequence();
                break;
            default:
                Match();
                break;
        }

        Require(_index.NumBlocks(slot) == _oracle.NumBlocks(slot), $"blocks of slot {slot}");
    }

    private void Store(int slot, Range part)
    {
        ulong[] sequence = Sequence();
        (int start, int count) = part.GetOffsetAndLength(sequence.Length);
        ulong? parent = _random.Next(20) switch
        {
            0 => null,
            1 => sequence[_random.Next(sequence.Length)],
            2 => (ulong)_random.NextInt64(),
            _ => start == 0 ? null : sequence[start - 1],
        };
        int times = _random.Next(20) == 0 ? 2 : 1;
        int middle = start + (count / 2);
        for (int i = 0; i < times; i++)
        {
            if (_random.Next(10) == 0)
            {
                Both(slot, sequence[middle - (middle > 0 ? 1 : 0)], sequence.AsSpan(middle, start + count - middle));
                Both(slot, parent, sequence.AsSpan(start, middle - start));
            }
            else
            {
                Both(slot, parent, sequence.AsSpan(start, count));
            }
        }
    }

    private void Both(int slot, ulong? parent, ReadOnlySpan<ulong> blocks)
    {
        _index.Stored(slot, parent, blocks);
        _oracle.Stored(slot, parent, blocks);
    }

    private void Remove(int slot, Range part)
    {
        ulong[] blocks = Sequence()[part];
        switch (_random.Next(3))
        {
            case 0:
                Array.Reverse(blocks);
                break;
            case 1:
                _random.Shuffle(blocks);
                break;
        }

        Require(_index.Removed(slot, blocks) == _oracle.Removed(slot, blocks), $"blocks removed from slot {slot}");
    }

    // Holes: single blocks of what a slot holds, or all blocks but a few.
    private void Scattered(int slot, Range part)
    {
        int share = _random.Next(2) == 0 ? 5 : 95;
        ulong[] blocks = Sequence()[part].Where(_ => _random.Next(100) < share).ToArray();
        Require(_index.Removed(slot, blocks) == _oracle.Removed(slot, blocks), $"blocks scattered from slot {slot}");
    }

    private void Match()
    {
        ulong[] sequence = Sequence();
        int length = _random.Next(5) == 0 ? _random.Next(_expected.Length + 1) : _expected.Length;
        ReadOnlySpan<ulong> prompt = _random.Next(10) == 0 ? sequence.AsSpan(_random.Next(sequence.Length)) : sequence;
        _actual.AsSpan().Fill(-1);
        _index.Match(prompt, _actual.AsSpan(0, length));
        _oracle.Match(prompt, _expected.AsSpan(0, length));
        Require(_actual.AsSpan(0, length).SequenceEqual(_expected.AsSpan(0, length)), "depths");
    }

    private void Empty()
    {
        PrefixIndexCheck.Validate(_index);
        for (int slot = 0; slot < _numSlots; slot++)
        {
            _index.Cleared(slot);
        }

        PrefixIndexCheck.Validate(_index);
        Require(_index.NumDistinctBlocks == 0, "nothing left");
    }

    private ulong[] Sequence() => _sequences[Math.Min(_random.Next(_sequences.Count), _random.Next(_sequences.Count))];

    private Range Part()
    {
        int start = _random.Next(3) == 0 ? _random.Next(MaxLength) : 0;
        int end = _random.Next(3) == 0 ? MaxLength : start + _random.Next(MaxLength - start);
        return start..Math.Max(end, start);
    }

    // All are of one length; most begin like another.
    private ulong[] NewSequence()
    {
        ulong[] keys = new ulong[MaxLength];
        _random.NextBytes(MemoryMarshal.AsBytes(keys.AsSpan()));
        if (_sequences.Count > 0 && _random.Next(8) != 0)
        {
            Sequence().AsSpan(0, _random.Next(MaxLength)).CopyTo(keys);
        }
        else if (_random.Next(4) == 0)
        {
            ulong first = (ulong)_random.Next(1 << 10);
            for (int i = 0; i < keys.Length; i++)
            {
                keys[i] = first + (ulong)i;
            }
        }

        return keys;
    }

    private void Require(bool condition, string what)
    {
        if (!condition)
        {
            throw new InvalidOperationException($"The index and the plain one differ after {NumOperations} operations: {what}.");
        }
    }
}
