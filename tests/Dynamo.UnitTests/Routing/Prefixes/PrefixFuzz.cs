using System.Runtime.InteropServices;
using Dynamo.Protocol.KV;
using Dynamo.Routing.Prefixes;

namespace Dynamo.UnitTests.Routing.Prefixes;

/// <summary>
/// Random operations on an index and on a plain one, with equal answers asked all the time. Sequences branch from one another; parents are held, held by
/// others or unknown; children come before parents; blocks go from anywhere, come back, come twice; many slots get or lose the same at
/// once; slots are purged and used again; now and then everything goes.
/// </summary>
internal sealed class PrefixFuzz
{
    private const int MaxFleetBlocks = 150;

    // Added to a key, it gives one of the next hash in the index's table.
    private const ulong NextHash = 0xF1DE83E19937733D;

    private readonly Random _random;
    private readonly int _numSlots;
    private readonly Shape _shape;
    private readonly List<ulong[]> _sequences = [];

    // A key names its whole prefix, so it follows the same key wherever it stands.
    private readonly Dictionary<ulong, ulong?> _parents = [];
    private readonly PrefixIndex _index = new();
    private readonly int[] _expected;
    private readonly int[] _actual;
    private DictionaryPrefixIndex _oracle = new();

    public PrefixFuzz(int seed, int numSlots, Shape? shape = null)
    {
        _random = new Random(seed);
        _numSlots = numSlots;
        _shape = shape ?? new Shape();
        _expected = new int[numSlots + 8];
        _actual = new int[numSlots + 8];
        while (_sequences.Count < _shape.NumSequences)
        {
            _sequences.Add(NewSequence());
        }
    }

    /// <summary>Operations that changed or asked something.</summary>
    public long NumOperations { get; private set; }

    /// <summary>The most runs that a look at everything found in the index.</summary>
    public long MostRuns { get; private set; }

    /// <summary>Runs until so many operations are done.</summary>
    /// <exception cref="InvalidOperationException">An answer differs, or the index is not whole.</exception>
    public void Run(long numOperations)
    {
        while (NumOperations < numOperations)
        {
            Step();
            if (++NumOperations % _shape.ValidateEach == 0)
            {
                PrefixIndexCheck.Validate(_index);
                MostRuns = Math.Max(MostRuns, _index.Runs.NumRuns);
                Require(_index.NumDistinctBlocks == _oracle.NumDistinctBlocks, "distinct blocks");
            }
        }

        Empty();
    }

    private void Step()
    {
        if (_random.Next(5000) == 0)
        {
            Empty();
        }

        // Some slots are busier than others, some blocks too.
        int slot = Math.Min(_random.Next(_numSlots), _random.Next(_numSlots));
        switch (_random.Next(1000))
        {
            case < 330:
                Store(slot, Sequence());
                break;
            case < 480:
                Remove(slot, PartOf(Sequence()));
                break;
            case < 500:
                Scattered(slot, PartOf(Sequence()));
                break;
            case < 501:
                _index.Cleared(slot);
                _oracle.Cleared(slot);
                break;
            case < 505:
                _sequences[_random.Next(_sequences.Count)] = NewSequence();
                break;
            case < 510:
                Fleet();
                break;
            case < 520:
                // What comes next may change what was brought near.
                Expect(Sequence());
                break;
            default:
                Match();
                break;
        }

        Require(_index.NumBlocks(slot) == _oracle.NumBlocks(slot), $"blocks of slot {slot}");
    }

    private void Store(int slot, ulong[] sequence)
    {
        (int start, int count) = Part(sequence).GetOffsetAndLength(sequence.Length);
        int times = _random.Next(20) == 0 ? 2 : 1;
        int middle = start + (count / 2);
        for (int i = 0; i < times; i++)
        {
            if (_random.Next(10) == 0)
            {
                Both(slot, sequence, middle, start + count - middle);
                Both(slot, sequence, start, middle - start);
            }
            else
            {
                Both(slot, sequence, start, count);
            }
        }
    }

    private void Both(int slot, ulong[] sequence, int start, int count)
    {
        BlockKey? parent = start == 0 ? null : new BlockKey(sequence[start - 1]);
        ReadOnlySpan<BlockKey> blocks = Keys(sequence.AsSpan(start, count));
        _index.Stored(slot, parent, blocks);
        _oracle.Stored(slot, parent, blocks);
    }

    private void Remove(int slot, ulong[] blocks)
    {
        switch (_random.Next(3))
        {
            case 0:
                Array.Reverse(blocks);
                break;
            case 1:
                _random.Shuffle(blocks);
                break;
        }

        Require(_index.Removed(slot, Keys(blocks)) == _oracle.Removed(slot, Keys(blocks)), $"blocks removed from slot {slot}");
    }

    // Holes: single blocks of what a slot holds, or all blocks but a few.
    private void Scattered(int slot, ulong[] blocks)
    {
        int share = _random.Next(2) == 0 ? 5 : 95;
        blocks = blocks.Where(_ => _random.Next(100) < share).ToArray();
        Require(_index.Removed(slot, Keys(blocks)) == _oracle.Removed(slot, Keys(blocks)), $"blocks scattered from slot {slot}");
    }

    // Every so many slots get the same blocks, or lose some.
    private void Fleet()
    {
        ulong[] sequence = Sequence();
        int start = _random.Next(sequence.Length);
        int count = _random.Next(Math.Min(MaxFleetBlocks, sequence.Length - start)) + 1;
        int stride = 1 + _random.Next(1 + (_numSlots / 4));
        bool isStored = _random.Next(3) != 0;
        for (int slot = _random.Next(stride); slot < _numSlots; slot += stride)
        {
            int length = _random.Next(10) == 0 ? _random.Next(count) : count;
            if (isStored)
            {
                Both(slot, sequence, start, length);
            }
            else
            {
                ReadOnlySpan<BlockKey> blocks = Keys(sequence.AsSpan(start, length));
                Require(_index.Removed(slot, blocks) == _oracle.Removed(slot, blocks), $"blocks removed from slot {slot} of many");
            }
        }
    }

    private void Match()
    {
        ulong[] prompt = Sequence();
        int length = _random.Next(5) == 0 ? _random.Next(_expected.Length + 1) : _expected.Length;
        _actual.AsSpan().Fill(-1);
        Expect(prompt);
        _index.Match(Keys(prompt), _actual.AsSpan(0, length));
        _oracle.Match(Keys(prompt), _expected.AsSpan(0, length));
        Require(_actual.AsSpan(0, length).SequenceEqual(_expected.AsSpan(0, length)), "depths");
    }

    private void Expect(ulong[] prompt)
    {
        for (int i = _random.Next(4); i > 0; i--)
        {
            _index.Expect(Keys(prompt));
        }
    }

    private void Empty()
    {
        PrefixIndexCheck.Validate(_index);
        for (int slot = 0; slot < _numSlots; slot++)
        {
            _index.Cleared(slot);
        }

        _oracle = new DictionaryPrefixIndex();
        PrefixIndexCheck.Validate(_index);
        Require(_index.NumDistinctBlocks == 0, "nothing left");
    }

    private ulong[] Sequence() => _sequences[Math.Min(_random.Next(_sequences.Count), _random.Next(_sequences.Count))];

    private Range Part(ulong[] sequence)
    {
        int length = sequence.Length;
        int start = _random.Next(3) == 0 ? _random.Next(length) : 0;
        int end = _random.Next(3) == 0 ? length : start + _random.Next(length - start);
        return start..Math.Max(end, start);
    }

    private ulong[] PartOf(ulong[] sequence) => sequence[Part(sequence)];

    // Most are of one length and begin like another.
    private ulong[] NewSequence()
    {
        ulong[] keys = new ulong[_random.Next(4) == 0 ? 1 + _random.Next(_shape.MaxLength) : _shape.MaxLength];
        _shape.Fill(_random, keys);
        if (_sequences.Count > 0 && _random.Next(8) != 0)
        {
            ulong[] other = Sequence();
            other.AsSpan(0, _random.Next(Math.Min(keys.Length, other.Length))).CopyTo(keys);
        }
        else if (_random.Next(4) == 0)
        {
            ulong first = (ulong)_random.Next(1 << 10);
            for (int i = 0; i < keys.Length; i++)
            {
                keys[i] = first + (ulong)i;
            }
        }

        if (_random.Next(8) == 0)
        {
            keys[_random.Next(keys.Length)] = ulong.MaxValue;
        }

        for (int i = 0; i < keys.Length; i++)
        {
            ulong? parent = i == 0 ? null : keys[i - 1];
            while (!_parents.TryAdd(keys[i], parent) && _parents[keys[i]] != parent)
            {
                keys[i] += NextHash;
            }
        }

        return keys;
    }

    private static ReadOnlySpan<BlockKey> Keys(ReadOnlySpan<ulong> values) => MemoryMarshal.Cast<ulong, BlockKey>(values);

    private void Require(bool condition, string what)
    {
        if (!condition)
        {
            throw new InvalidOperationException($"The index and the plain one differ after {NumOperations} operations: {what}.");
        }
    }

    /// <summary>What sequences look like.</summary>
    internal sealed record Shape
    {
        /// <summary>Sequences at a time.</summary>
        public int NumSequences { get; init; } = 64;

        /// <summary>Blocks of most of them; the others are shorter.</summary>
        public int MaxLength { get; init; } = 300;

        /// <summary>Operations from one look at everything to the next.</summary>
        public int ValidateEach { get; init; } = 1000;

        /// <summary>Fills a new one with keys.</summary>
        public Action<Random, ulong[]> Fill { get; init; } = static (random, keys) => random.NextBytes(MemoryMarshal.AsBytes(keys.AsSpan()));
    }
}
