using Dynamo.Engine.Blocks;
using Xunit;

namespace Dynamo.UnitTests.Engine.Blocks;

public sealed class FreeListTests
{
    private readonly FreeList _list = new(4);

    [Fact]
    public void Enumerate_New_AllBlocksAscending()
    {
        Assert.Equal([0, 1, 2, 3], _list.Enumerate());
        Assert.Equal(4, _list.Count);
    }

    [Fact]
    public void PopHead_UntilEmpty_FollowsTheOrderThenRefuses()
    {
        Assert.Equal([0, 1, 2, 3], Enumerable.Range(0, 4).Select(_ => _list.PopHead()));
        Assert.Equal(0, _list.Count);
        Assert.Empty(_list.Enumerate());

        Assert.Throws<InvalidOperationException>(() => _list.PopHead());
        Assert.Equal(0, _list.Count);
    }

    [Theory]
    [InlineData(0, new[] { 1, 2, 3 })]
    [InlineData(1, new[] { 0, 2, 3 })]
    [InlineData(3, new[] { 0, 1, 2 })]
    public void Remove_AnyPlace_OthersKeepTheirOrder(int block, int[] left)
    {
        _list.Remove(block);

        Assert.Equal(left, _list.Enumerate());
        Assert.Equal(3, _list.Count);
    }

    [Fact]
    public void Push_HeadAndTail_ReusedFirstAndLast()
    {
        _list.Remove(1);
        _list.Remove(2);
        _list.PushHead(2);
        _list.PushTail(1);

        Assert.Equal([2, 0, 3, 1], _list.Enumerate());
        Assert.Equal(2, _list.PopHead());
    }

    [Fact]
    public void Push_IntoAnEmptyList_IsHeadAndTail()
    {
        FreeList one = new(1);
        one.PopHead();
        one.PushTail(0);
        Assert.Equal([0], one.Enumerate());

        one.PopHead();
        one.PushHead(0);
        Assert.Equal([0], one.Enumerate());
    }
}
