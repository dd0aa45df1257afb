using Dynamo.Protocol.KV;
using Dynamo.Routing.Prefixes;
using Xunit;

namespace Dynamo.UnitTests.Routing.Prefixes;

public sealed class PrefixIndexTests
{
    private readonly PrefixIndex _index = new();

    [Fact]
    public void Match_SeveralHolders_EachHasItsOwnDepth()
    {
        BlockKey[] prompt = Keys(1, 200);
        _index.Stored(0, null, prompt);
        _index.Stored(1, null, prompt.AsSpan(0, 70));
        _index.Stored(3, null, prompt.AsSpan(0, 1));
        _index.Stored(4, null, Keys(2, 10));

        Assert.Equal([200, 70, 0, 1, 0], Depths(prompt, 5));
    }

    [Fact]
    public void Match_FewerOrMoreDepthsThanSlots_WritesAllOfThem()
    {
        BlockKey[] prompt = Keys(1, 3);
        _index.Stored(0, null, prompt);
        _index.Stored(2, null, prompt);

        Assert.Equal([3, 0], Depths(prompt, 2));
        Assert.Equal([3, 0, 3, 0, 0, 0], Depths(prompt, 6));
        Assert.Equal([0, 0, 0], Depths([], 3));
    }

    [Fact]
    public void Match_AHole_EndsThePrefixOfItsOwnerAlone()
    {
        BlockKey[] prompt = Keys(1, 100);
        _index.Stored(0, null, prompt);
        _index.Stored(1, null, prompt);

        Assert.Equal(1, _index.Removed(1, prompt.AsSpan(40, 1)));

        Assert.Equal([100, 40], Depths(prompt, 2));
        Assert.Equal(99, _index.NumBlocks(1));
    }

    [Fact]
    public void Match_AHoleOfEveryone_IsRefilledByWhoStoresItAgain()
    {
        BlockKey[] prompt = Keys(1, 100);
        _index.Stored(0, null, prompt);
        _index.Stored(1, null, prompt);
        _index.Removed(0, prompt.AsSpan(40, 2));
        _index.Removed(1, prompt.AsSpan(40, 2));
        Assert.Equal([40, 40], Depths(prompt, 2));

        _index.Stored(1, prompt[39], prompt.AsSpan(40, 2));

        Assert.Equal([40, 100], Depths(prompt, 2));
        Assert.Equal(100, _index.NumDistinctBlocks);
    }

    [Fact]
    public void Stored_AChildBeforeItsParent_CountsOnceTheParentIsThere()
    {
        BlockKey[] prompt = Keys(1, 10);
        _index.Stored(0, prompt[3], prompt.AsSpan(4));
        Assert.Equal([0], Depths(prompt, 1));

        _index.Stored(0, null, prompt.AsSpan(0, 4));

        Assert.Equal([10], Depths(prompt, 1));
    }

    [Fact]
    public void Stored_Twice_CountsOnce()
    {
        BlockKey[] prompt = Keys(1, 10);
        _index.Stored(0, null, prompt);
        _index.Stored(0, null, prompt);

        Assert.Equal(10, _index.NumBlocks(0));
        Assert.Equal(10, _index.Removed(0, prompt));
        Assert.Equal(0, _index.Removed(0, prompt));
        Assert.Equal(0, _index.NumDistinctBlocks);
    }

    [Fact]
    public void Stored_ABranchInTheMiddleOfARun_LeavesBothSequencesWhole()
    {
        BlockKey[] first = Keys(1, 60);
        BlockKey[] second = [.. first.AsSpan(0, 20), .. Keys(2, 30)];
        _index.Stored(0, null, first);
        _index.Stored(1, first[19], second.AsSpan(20));
        _index.Stored(1, null, second.AsSpan(0, 20));

        Assert.Equal([60, 20], Depths(first, 2));
        Assert.Equal([20, 50], Depths(second, 2));
    }

    // Blocks in the middle of one worker's run have no entry in the table.
    [Fact]
    public void ABlockInTheMiddleOfARun_IsFoundByWhatComesAtIt()
    {
        BlockKey[] prompt = Keys(1, 64);
        BlockKey[] branch = [.. prompt.AsSpan(0, 20), .. Keys(2, 10)];
        BlockKey[] second = [.. prompt.AsSpan(0, 40), .. Keys(3, 10)];
        _index.Stored(0, null, prompt);
        Assert.Equal(2, _index.Table.Count);

        Assert.Equal([20], Depths(branch, 1));
        Assert.Equal(3, _index.Table.Count);
        _index.Stored(0, branch[19], branch.AsSpan(20));
        _index.Stored(0, second[39], second.AsSpan(40));
        Assert.Equal([30], Depths(branch, 1));
        Assert.Equal([50], Depths(second, 1));

        Assert.Equal(1, _index.Removed(0, prompt.AsSpan(50, 1)));
        Assert.Equal([50], Depths(prompt, 1));
        Assert.Equal(83, _index.NumDistinctBlocks);
        PrefixIndexCheck.Validate(_index);
    }

    [Fact]
    public void ABlockThatTwoWorkersSayTheyHold_IsOne_ThoughTheSecondNamesAParentItNeverStored()
    {
        BlockKey[] prompt = Keys(1, 64);
        _index.Stored(0, null, prompt);

        _index.Stored(1, prompt[30], prompt.AsSpan(31));
        _index.Stored(1, null, prompt.AsSpan(0, 31));

        Assert.Equal(64, _index.NumDistinctBlocks);
        Assert.Equal([64, 64], Depths(prompt, 2));
        PrefixIndexCheck.Validate(_index);
    }

    [Fact]
    public void Removed_FromTheEndBlockByBlock_LeavesTheRest()
    {
        BlockKey[] prompt = Keys(1, 200);
        _index.Stored(0, null, prompt);
        _index.Stored(0, null, Keys(2, 60));

        for (int left = 200; left > 90; left--)
        {
            Assert.Equal(1, _index.Removed(0, prompt.AsSpan(left - 1, 1)));
        }

        Assert.Equal(30, _index.Removed(0, Keys(2, 60).AsSpan(30).ToArray().Reverse().ToArray()));
        Assert.Equal([90], Depths(prompt, 1));
        Assert.Equal([30], Depths(Keys(2, 60), 1));
        PrefixIndexCheck.Validate(_index);
    }

    [Fact]
    public void Removed_UnknownBlocksAndWorkers_AreIgnored()
    {
        _index.Stored(0, null, TestKeys.Of(1, 2));

        Assert.Equal(0, _index.Removed(1, TestKeys.Of(1, 2)));
        Assert.Equal(0, _index.Removed(999_999, TestKeys.Of(1)));
        Assert.Equal(1, _index.Removed(0, TestKeys.Of(5, 2, 2)));
        Assert.Equal([1], Depths(TestKeys.Of(1, 2), 1));
    }

    [Fact]
    public void Cleared_ThenTheSlotServesAnother_NothingOfTheFirstIsLeft()
    {
        BlockKey[] prompt = Keys(1, 150);
        _index.Stored(0, null, prompt);
        _index.Stored(1, null, prompt.AsSpan(0, 100));

        _index.Cleared(0);
        _index.Cleared(5);
        Assert.Equal([0, 100], Depths(prompt, 2));
        Assert.Equal(100, _index.NumDistinctBlocks);

        _index.Stored(0, null, prompt.AsSpan(0, 1));
        Assert.Equal([1, 100], Depths(prompt, 2));
        PrefixIndexCheck.Validate(_index);
    }

    [Theory]
    [InlineData(-1)]
    [InlineData(PrefixIndex.MaxSlots)]
    public void Stored_ASlotOutOfRange_Throws(int slot) => Assert.Throws<ArgumentOutOfRangeException>(() => _index.Stored(slot, null, TestKeys.Of(1)));

    [Fact]
    public void AThousandHolders_ShareOneBitmap()
    {
        BlockKey[] prompt = Keys(1, 64);
        for (int slot = 0; slot < 1000; slot++)
        {
            _index.Stored(slot, null, prompt);
        }

        HolderRecord record = _index.Holders.Record(_index.Runs[1]);
        Assert.Equal(1, record.NumGroups);
        Assert.InRange(record.NumSingles, 0, 16);
        Assert.All(Depths(prompt, 1000), static depth => Assert.Equal(64, depth));
    }

    [Theory]
    [InlineData(false, 12)]
    [InlineData(true, 24)]
    public void Bytes_OneHolder_AFewWhenFresh_AndATenthMoreAfterTenTurnovers(bool hasHoles, double most)
    {
        const int numSequences = 2000;
        const int length = 100;
        Random random = new(1);
        List<ulong> numbers = [];
        ulong next = 0;
        while (numbers.Count < numSequences)
        {
            numbers.Add(Store());
        }

        double fresh = Bytes();
        for (int i = 0; i < 10 * numSequences; i++)
        {
            int victim = random.Next(numSequences);
            BlockKey[] keys = Keys(numbers[victim], length);
            Array.Reverse(keys);
            _index.Removed((int)(numbers[victim] % 16), keys);
            numbers[victim] = Store();
        }

        Assert.Equal(numSequences * (hasHoles ? length - 2 : length), _index.NumDistinctBlocks);
        Assert.InRange(fresh, 8, most);
        Assert.InRange(Bytes(), 8, 1.1 * fresh);
        PrefixIndexCheck.Validate(_index);

        // Two in a hundred go alone.
        ulong Store()
        {
            int slot = (int)(++next % 16);
            BlockKey[] keys = Keys(next, length);
            _index.Stored(slot, null, keys);
            int hole = random.Next(length);
            _index.Removed(slot, hasHoles ? [keys[hole], keys[(hole + (length / 2)) % length]] : []);
            return next;
        }

        double Bytes() => (double)_index.NumBytes / _index.NumDistinctBlocks;
    }

    [Fact]
    public void ManyHolders_WithHolesOfTheirOwn_CostAtMost12BytesEach()
    {
        const int holders = 8;
        Random random = new(1);
        for (ulong sequence = 0; sequence < 500; sequence++)
        {
            BlockKey[] keys = Keys(sequence, 100);
            for (int slot = 0; slot < holders; slot++)
            {
                _index.Stored(slot, null, keys);
                _index.Removed(slot, [keys[random.Next(100)], keys[random.Next(100)]]);
            }
        }

        double bytes = (double)_index.NumBytes / Enumerable.Range(0, holders).Sum(_index.NumBlocks);

        Assert.InRange(bytes, 1, 12);
    }

    [Fact]
    public void Emptied_GivesItsMemoryBack()
    {
        for (ulong sequence = 0; sequence < 3000; sequence++)
        {
            _index.Stored(0, null, Keys(sequence, 100));
        }

        long full = _index.NumBytes;
        _index.Cleared(0);

        Assert.Equal(0, _index.NumDistinctBlocks);
        Assert.InRange(_index.NumBytes, 0, full / 3);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    public void WhatWasBroughtNearForALookup_MayGoBeforeIt(int numSteps)
    {
        BlockKey[] prompt = Sequence(0);
        for (int i = 0; i <= RunStore.MaxNear; i++)
        {
            _index.Stored(0, null, Sequence(i));
        }

        for (int i = 0; i < numSteps; i++)
        {
            _index.Expect(prompt);
        }

        _index.Cleared(0);
        _index.Stored(1, null, prompt.AsSpan(0, 3));
        _index.Expect(prompt);
        int[] depths = new int[2];
        _index.Match(prompt, depths);
        Assert.Equal([0, 3], depths);

        static BlockKey[] Sequence(int i) => [.. Enumerable.Range(1, 64).Select(block => new BlockKey(((ulong)i * 64) + (ulong)block))];
    }

    [Fact]
    public void AfterAChangeThatFailedHalfWay_RefusesEverything()
    {
        BlockKey[] prompt = Keys(1, 3);
        _index.Stored(0, null, prompt);
        TakeFromTable(prompt[2]);

        Assert.Throws<InvalidOperationException>(() => _index.Removed(0, prompt));

        Assert.Throws<InvalidOperationException>(() => _index.Stored(1, null, prompt));
        Assert.Throws<InvalidOperationException>(() => _index.Removed(0, prompt));
        Assert.Throws<InvalidOperationException>(() => _index.Cleared(0));
        Assert.Throws<InvalidOperationException>(() => Depths(prompt, 1));
    }

    // A held key that the table does not know any more: changing it fails on the way.
    private unsafe void TakeFromTable(BlockKey key)
    {
        Assert.True(_index.Table.TryFind(key.Value, out uint run, out int offset));
        _index.Table.Remove(_index.Runs.Keys(run), run, 1ul << offset);
    }

    // Equal keys for equal prefixes of a number, as chained hashes are.
    private static BlockKey[] Keys(ulong number, int length)
    {
        BlockKey[] keys = new BlockKey[length];
        for (int i = 0; i < length; i++)
        {
            keys[i] = new BlockKey(((number << 20) + (ulong)i + 1) * 0xD6E8FEB86659FD93);
        }

        return keys;
    }

    private int[] Depths(BlockKey[] prompt, int numSlots)
    {
        int[] depths = new int[numSlots];
        Array.Fill(depths, -1);
        _index.Match(prompt, depths);
        return depths;
    }
}
