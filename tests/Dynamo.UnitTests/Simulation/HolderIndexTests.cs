using Dynamo.Simulation;
using Xunit;

namespace Dynamo.UnitTests.Simulation;

public sealed class HolderIndexTests
{
    private readonly HolderIndex _sut = new();

    [Fact]
    public void Match_IsTheLongestContiguousPrefixOfEachSlot()
    {
        _sut.Stored(0, null, [1, 2, 3]);
        _sut.Stored(2, null, [1]);
        _sut.Stored(70, null, [1, 2, 3, 4]);
        _sut.Removed(70, [3]);
        int[] depths = new int[71];

        _sut.Match([1, 2, 3, 4], depths);

        Assert.Equal((3, 0, 1, 2), (depths[0], depths[1], depths[2], depths[70]));
    }

    [Fact]
    public void NumBlocks_CountsEachOnce()
    {
        _sut.Stored(3, null, [1, 2, 2]);
        Assert.Equal(2, _sut.NumBlocks(3));

        Assert.Equal(1, _sut.Removed(3, [2, 9]));
        _sut.Cleared(3);

        Assert.Equal(0, _sut.NumBlocks(3));
    }
}
