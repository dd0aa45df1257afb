using Dynamo.Frontend.Responses;
using Xunit;

namespace Dynamo.UnitTests.Frontend;

public sealed class StreamProgressTests
{
    [Fact]
    public void Text_HasAPartForEachChoice()
    {
        StreamProgress progress = new(3);
        progress.Advance(0, 17, isEnd: false);
        progress.Advance(1, 5, isEnd: true);

        Assert.Equal("17,5e,", progress.ToString());
    }

    [Theory]
    [InlineData("17,5e,", 3)]
    [InlineData("", 1)]
    [InlineData("0", 1)]
    [InlineData("0e", 1)]
    [InlineData("3e,4eu", 2)]
    [InlineData(",,2000000", 3)]
    public void TryParse_WhatWasWritten_ComesBack(string text, int numChoices) => Assert.Equal(text, StreamProgress.TryParse(text, numChoices)!.ToString());

    [Theory]
    [InlineData("1,2", 1)]
    [InlineData("1", 2)]
    [InlineData("x", 1)]
    [InlineData("-1", 1)]
    [InlineData("e", 1)]
    [InlineData("5uu", 1)]
    [InlineData("99999999999", 1)]
    public void TryParse_AnythingElse_IsNothing(string text, int numChoices) => Assert.Null(StreamProgress.TryParse(text, numChoices));
}
