using System.Numerics;
using Dynamo.Protocol.KV;
using Dynamo.Routing.Prefixes;
using Xunit;

namespace Dynamo.UnitTests.Routing.Prefixes;

/// <summary>Records as large as they get: all slots hold something of one run.</summary>
public sealed class HolderRecordTests
{
    private const int NumKeys = Run.MaxKeys;

    private readonly PrefixIndex _index = new();
    private readonly Random _random = new(1);
    private readonly BlockKey[] _keys = [.. Enumerable.Range(1, NumKeys).Select(static i => new BlockKey((ulong)i * 0xD6E8FEB86659FD93))];
    private readonly ulong[] _masks = new ulong[PrefixIndex.MaxSlots];

    [Fact]
    public void AllSlots_ChangeFromSharedToOwnPositionsAndBack_AreCountedAndFound()
    {
        Change(SharedMask);
        Validate(minWords: 1);
        Change(OwnMask);
        Validate(minWords: 2 * (PrefixIndex.MaxSlots * 3 / 4));
        Change(() => _random.Next(2) == 0 ? SharedMask() : OwnMask());
        Validate(minWords: PrefixIndex.MaxSlots / 2);
        Change(SharedMask);
        Validate(minWords: 1);
        Change(static () => 0);
        Validate(minWords: 0);
        Assert.Equal(0, _index.NumDistinctBlocks);
    }

    // Enough slots have each for a bitmap over all.
    private ulong SharedMask() => Run.Bits(0, NumKeys - _random.Next(30));

    private ulong OwnMask() => Run.Bits(_random.Next(10), 50) & ~(1ul << _random.Next(60)) & ~(1ul << _random.Next(60));

    private void Change(Func<ulong> newMask)
    {
        int[] order = [.. Enumerable.Range(0, _masks.Length)];
        _random.Shuffle(order);
        foreach (int slot in order)
        {
            ulong mask = newMask();
            _index.Removed(slot, _keys.Where((_, i) => ((_masks[slot] & ~mask) >> i & 1) != 0).ToArray());
            for (ulong left = mask; left != 0;)
            {
                int start = BitOperations.TrailingZeroCount(left);
                int length = Run.Length(left, start);
                _index.Stored(slot, start == 0 ? null : _keys[start - 1], _keys.AsSpan(start, length));
                left &= ~Run.Bits(start, length);
            }

            _masks[slot] = mask;
        }
    }

    private void Validate(int minWords)
    {
        PrefixIndexCheck.Validate(_index);
        int[] depths = new int[_masks.Length];
        _index.Match(_keys, depths);
        for (int slot = 0; slot < _masks.Length; slot++)
        {
            Assert.Equal(BitOperations.PopCount(_masks[slot]), _index.NumBlocks(slot));
            Assert.Equal(Run.Length(_masks[slot], 0), depths[slot]);
        }

        int numWords = 0;
        for (uint id = 1; id < _index.Runs.NumIds; id++)
        {
            Run run = _index.Runs[id];
            numWords = Math.Max(numWords, run.Live == 0 || run.IsSole ? 0 : _index.Holders.Record(run).NumWords);
        }

        Assert.InRange(numWords, minWords, WordPool.MaxWords);
    }
}
