using Dynamo.Engine.Scheduling;
using Dynamo.UnitTests.Engine.Support;
using Xunit;

namespace Dynamo.UnitTests.Engine.Scheduling;

public sealed class WaitingQueueTests
{
    private readonly WaitingQueue _queue = new();
    private readonly Sequence[] _sequences = [.. Enumerable.Range(1, 4).Select(static i => new Sequence(TestRequests.Of(i, TestRequests.Prompt(i)), i, 100))];

    [Theory]
    [InlineData(0, new[] { 2, 3, 4 })]
    [InlineData(1, new[] { 1, 3, 4 })]
    [InlineData(3, new[] { 1, 2, 3 })]
    public void Remove_AnyPlace_OthersKeepTheirOrder(int removed, int[] left)
    {
        AddAll();

        _queue.Remove(_sequences[removed]);

        Assert.Equal(3, _queue.Count);
        Assert.Equal(10 - (removed + 1), _queue.NumTokens);
        Assert.Equal(left, Drain());
    }

    [Fact]
    public void AddFirst_BesideOthers_GoesBeforeThem()
    {
        _queue.AddLast(_sequences[0]);
        _queue.AddLast(_sequences[1]);
        _queue.AddFirst(_sequences[2]);
        _queue.AddLast(_sequences[3]);

        Assert.Equal([3, 1, 2, 4], Drain());
    }

    [Fact]
    public void Remove_TheOnlyOne_LeavesAnEmptyQueueThatWorks()
    {
        _queue.AddFirst(_sequences[0]);
        _queue.Remove(_sequences[0]);
        Assert.Equal((0, 0L, null), (_queue.Count, _queue.NumTokens, _queue.First));

        AddAll();
        Assert.Equal([1, 2, 3, 4], Drain());
    }

    private void AddAll()
    {
        foreach (Sequence sequence in _sequences)
        {
            _queue.AddLast(sequence);
        }
    }

    private List<int> Drain()
    {
        List<int> order = [];
        while (_queue.First is { } first)
        {
            order.Add((int)first.Tag!);
            _queue.Remove(first);
        }

        Assert.Equal((0, 0L), (_queue.Count, _queue.NumTokens));
        return order;
    }
}
