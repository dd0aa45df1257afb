using Dynamo.Protocol.KV;
using Dynamo.Routing.Bookings;
using Xunit;

namespace Dynamo.UnitTests.Routing;

public sealed class BookedPromptsTests
{
    [Fact]
    public void SharedBlocks_CountOnceAtAWorker_AndGoWithTheLast()
    {
        BookedPrompts sut = new();
        Assert.Equal(3, sut.Book(0, TestKeys.Of(1, 2, 3)));
        Assert.Equal(1, sut.Book(0, TestKeys.Of(1, 2, 4)));
        Assert.Equal(2, sut.Book(1, TestKeys.Of(1, 2)));
        Assert.Equal(0, sut.Book(0, TestKeys.Of(1)));

        Assert.Equal(1, sut.Release(0, TestKeys.Of(1, 2, 3)));
        Assert.Equal(2, sut.Release(0, TestKeys.Of(1, 2, 4)));
        Assert.Equal(1, sut.Depth(0, TestKeys.Of(1, 2, 4)));
        Assert.Equal(2, sut.Depth(1, TestKeys.Of(1, 2, 4)));
        Assert.Equal(1, sut.Release(0, TestKeys.Of(1)));
        Assert.Equal(2, sut.Release(1, TestKeys.Of(1, 2)));
        Assert.Equal(0, sut.NumStretches);
    }

    [Fact]
    public void KeysThatComeAgainElsewhere_AreOtherBlocks()
    {
        BookedPrompts sut = new();
        BlockKey[][] prompts = [TestKeys.Of(1, 2, 3), TestKeys.Of(2, 3), TestKeys.Of(9, 1, 2, 3), TestKeys.Of(1, 5), TestKeys.Of(9, 1, 6), TestKeys.Of(7, 7, 7), TestKeys.Of(7, 7, 8)];
        Assert.Equal([3, 2, 4, 1, 1, 3, 1], prompts.Select(prompt => sut.Book(0, prompt)));
        Assert.Equal(2, sut.Depth(0, TestKeys.Of(9, 1, 5)));

        Assert.Equal([2, 2, 2, 2, 3, 1, 3], prompts.Select(prompt => sut.Release(0, prompt)));
        Assert.Equal(0, sut.NumStretches);
    }

    [Theory]
    [InlineData(1, 5, 40)]
    [InlineData(2, 5, 40)]
    [InlineData(3, 150, 1200)]
    public void RandomBookings_SameAsCountsOfEveryBlock(int seed, int numSlots, int numLive)
    {
        Random random = new(seed);
        BookedPrompts sut = new();
        List<(int Slot, BlockKey[] Prompt)> live = [];
        Dictionary<BlockKey, int>[] counts = [.. Enumerable.Range(0, numSlots).Select(static _ => new Dictionary<BlockKey, int>())];
        int[] depths = new int[numSlots];
        for (int i = 0; i < 5000; i++)
        {
            if (live.Count > 0 && random.Next(numLive) < live.Count)
            {
                int index = random.Next(live.Count);
                (int slot, BlockKey[] prompt) = live[index];
                live.RemoveAt(index);
                Assert.Equal(prompt.Count(block => --counts[slot][block] == 0), sut.Release(slot, prompt));
            }
            else
            {
                (int slot, BlockKey[] prompt) = (random.Next(numSlots), Prompt(random));
                live.Add((slot, prompt));
                Assert.Equal(prompt.Count(block => (counts[slot][block] = counts[slot].GetValueOrDefault(block) + 1) == 1), sut.Book(slot, prompt));
            }

            BlockKey[] asked = Prompt(random);
            int[] expected = [.. counts.Select(count => asked.TakeWhile(block => count.GetValueOrDefault(block) > 0).Count())];
            sut.Match(asked, depths);
            Assert.Equal(expected, depths);
            Assert.Equal(expected, Enumerable.Range(0, numSlots).Select(slot => sut.Depth(slot, asked)));
        }

        live.ForEach(booked => sut.Release(booked.Slot, booked.Prompt));
        Assert.Equal(0, sut.NumStretches);
    }

    // Each key names all before it: two choices at each of a few places.
    private static BlockKey[] Prompt(Random random)
    {
        BlockKey[] prompt = new BlockKey[random.Next(30)];
        ulong key = 1;
        for (int i = 0; i < prompt.Length; i++)
        {
            key = (key * 2) + (i % 7 == 3 ? (ulong)random.Next(2) : 0);
            prompt[i] = new BlockKey((key << 6) + (ulong)i);
        }

        return prompt;
    }
}
