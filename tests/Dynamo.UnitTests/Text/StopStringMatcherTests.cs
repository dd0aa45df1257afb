using Dynamo.Text.Tokenizers;
using Xunit;

namespace Dynamo.UnitTests.Text;

public sealed class StopStringMatcherTests
{
    [Theory]
    [InlineData("abcSTOPdef", new[] { "STOP" }, "abc", "STOP")]
    [InlineData("abc", new[] { "STOP" }, "abc", null)]
    [InlineData("abSTO", new[] { "STOP" }, "abSTO", null)]
    [InlineData("aaab", new[] { "aab" }, "a", "aab")]
    [InlineData("ababac", new[] { "abac" }, "ab", "abac")]
    [InlineData("x</s", new[] { "</s>", "</" }, "x", "</")]
    [InlineData("xabcd", new[] { "bcd", "abcd" }, "x", "abcd")]
    [InlineData("xabcd", new[] { "cd", "bc" }, "xa", "bc")]
    [InlineData("日本語", new[] { "本" }, "日", "本")]
    [InlineData("STOP", new[] { "STOP" }, "", "STOP")]
    public void Append_TextInAnyTwoOrThreePieces_GivesTheSame(string text, string[] stops, string expected, string? matched)
    {
        for (int first = 0; first <= text.Length; first++)
        {
            for (int second = first; second <= text.Length; second++)
            {
                StopStringMatcher matcher = new(stops, includeStop: false);
                string actual = matcher.Append(text[..first]) + matcher.Append(text[first..second]) + matcher.Append(text[second..]) + matcher.Flush();

                Assert.Equal((expected, matched), (actual, matcher.Matched));

                StopStringMatcher including = new(stops, includeStop: true);
                actual = including.Append(text[..first]) + including.Append(text[first..second]) + including.Append(text[second..]) + including.Flush();
                Assert.Equal(expected + matched, actual);
            }
        }
    }

    [Fact]
    public void Append_LetterByLetter_HoldsBackOnlyWhatMayBecomeAStop()
    {
        StopStringMatcher matcher = new(["aab"], includeStop: false);

        Assert.Equal(["x", "", "", "a", "", "aac"], [.. "xaaa".Select(c => matcher.Append(c.ToString())), "", matcher.Append("c")]);
    }

    [Fact]
    public void Append_AfterAMatch_GivesNothingMore()
    {
        StopStringMatcher matcher = new(["."], includeStop: false);
        matcher.Append("a.");

        Assert.Equal("", matcher.Append("b") + matcher.Flush());
    }

    [Fact]
    public void Append_MayNotStopYet_PassesStopsThrough()
    {
        StopStringMatcher matcher = new(["."], includeStop: false);

        Assert.Equal("a.", matcher.Append("a.", mayStop: false));
        Assert.Equal("b", matcher.Append("b.", mayStop: true));
        Assert.Equal(".", matcher.Matched);
    }

    [Fact]
    public void Append_NoStops_HoldsNothingBack() => Assert.Equal("a", new StopStringMatcher([], includeStop: false).Append("a"));
}
