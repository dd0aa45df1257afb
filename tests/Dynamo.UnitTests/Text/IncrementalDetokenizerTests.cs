using System.Text;
using Dynamo.Text.Tokenizers;
using Dynamo.UnitTests.Text.Support;
using Xunit;

namespace Dynamo.UnitTests.Text;

public sealed class IncrementalDetokenizerTests
{
    private static readonly Tokenizer Bytes = TinyTokenizer.Create(null, """{"content":"<end>","special":true}""", """{"content":"<日>","special":false}""");

    [Fact]
    public void Append_BytesOfACharacter_AppearsWithItsLast()
    {
        IncrementalDetokenizer stream = new(Bytes, [], skipSpecialTokens: false);

        Assert.Equal(["a", "", "é", "", "", "", "😀", ""], [.. "aé😀"u8.ToArray().Select(b => stream.Append(b)), stream.Flush()]);
    }

    [Theory]
    [InlineData(new[] { 0xE6, 0x97, 'x' }, new[] { "", "", "\uFFFDx", "" })]
    [InlineData(new[] { 0xF0, 0x9F }, new[] { "", "", "\uFFFD" })]
    [InlineData(new[] { 0x80, 0xFF, 0xC0, 0x80 }, new[] { "\uFFFD", "\uFFFD", "\uFFFD", "\uFFFD", "" })]
    [InlineData(new[] { 0xED, 0xA0, 0x80, 'x' }, new[] { "\uFFFD", "\uFFFD", "\uFFFD", "x", "" })]
    public void Append_BrokenBytes_ReplacesEachAsSoonAsItIsCertain(int[] bytes, string[] expected)
    {
        IncrementalDetokenizer stream = new(Bytes, [], skipSpecialTokens: false);

        string[] actual = [.. bytes.Select(stream.Append), stream.Flush()];

        Assert.Equal(string.Concat(expected), string.Concat(actual));
        Assert.Equal(expected.Length, actual.Length);
        Assert.Equal(Bytes.Decode(bytes, skipSpecialTokens: false), string.Concat(actual));
    }

    [Fact]
    public void Append_RandomIds_TogetherAreWhatDecodeGives()
    {
        Random random = new(7);
        for (int i = 0; i < 2_000; i++)
        {
            int[] ids = [.. Enumerable.Range(0, random.Next(12)).Select(_ => random.Next(4) == 0 ? random.Next(Bytes.VocabularySize + 3) : 0x80 + random.Next(0x80))];
            foreach (bool skip in (bool[])[true, false])
            {
                IncrementalDetokenizer stream = new(Bytes, [], skip);
                StringBuilder text = new();
                foreach (int id in ids)
                {
                    text.Append(stream.Append(id));
                }

                Assert.Equal(Bytes.Decode(ids, skip), text.Append(stream.Flush()).ToString());
            }
        }
    }

    [Theory]
    [InlineData(new[] { 'a', 0xF0, 0x9F }, new[] { 0x98, 0x80 }, "😀")]
    [InlineData(new[] { 0xC3 }, new[] { 0xA9 }, "é")]
    [InlineData(new[] { 0xC3, 0xA9 }, new[] { 0xA9 }, "\uFFFD")]
    [InlineData(new[] { 0x61 }, new[] { 0x62 }, "b")]
    [InlineData(new[] { 0x80, 0x80, 0x80, 0x80 }, new[] { 0x62 }, "b")]
    public void Append_PromptEndsInsideACharacter_FirstTokensCompleteIt(int[] prompt, int[] tokens, string expected)
    {
        IncrementalDetokenizer stream = new(Bytes, prompt, skipSpecialTokens: false);

        Assert.Equal(expected, string.Concat(tokens.Select(stream.Append)) + stream.Flush());
    }

    [Fact]
    public void Append_AddedTokens_SpecialOnesOnlyWhenAskedFor()
    {
        int special = Bytes.TokenToId("<end>")!.Value;
        int plain = Bytes.TokenToId("<日>")!.Value;

        Assert.Equal("<日>", string.Concat(new[] { special, plain }.Select(new IncrementalDetokenizer(Bytes, [], skipSpecialTokens: true).Append)));
        Assert.Equal("<end><日>", string.Concat(new[] { special, plain }.Select(new IncrementalDetokenizer(Bytes, [], skipSpecialTokens: false).Append)));
    }
}
