using System.Text;
using System.Text.Json.Nodes;
using Dynamo.Text.Tokenizers;
using Dynamo.UnitTests.Text.Support;
using Xunit;

namespace Dynamo.UnitTests.Text;

/// <summary>Answers of the reference library (tokenizers 0.23) on hand-made files.</summary>
public sealed class TokenizerTests
{
    [Fact]
    public void Encode_Merges_LowestRankFirstThenLeftmost()
    {
        Tokenizer tokenizer = TinyTokenizer.Create(["b c", "a b", "bc d"]);

        Assert.Equal(['a', 258], tokenizer.Encode("abcd", addSpecialTokens: false));
        Assert.Equal([257, 257], tokenizer.Encode("abab", addSpecialTokens: false));
    }

    [Theory]
    [InlineData(63)]
    [InlineData(64)]
    [InlineData(65)]
    [InlineData(10_001)]
    public void Encode_LongPiece_MergesAsAShortOne(int length)
    {
        Tokenizer tokenizer = TinyTokenizer.Create(["a a", "aa aa"]);

        List<int> ids = tokenizer.Encode(new string('a', length), addSpecialTokens: false);

        Assert.Equal(length / 4, ids.Count(static id => id == 257));
        Assert.Equal([.. Enumerable.Repeat(257, length / 4), .. length % 4 >= 2 ? [256] : Array.Empty<int>(), .. length % 2 == 1 ? ['a'] : Array.Empty<int>()], ids);
    }

    [Fact]
    public void Encode_IgnoreMerges_AWholePieceIsItsEntry()
    {
        JsonObject file = TinyTokenizer.File(["a b", "b c"]);
        file["model"]!["vocab"]!["abc"] = 258;
        Assert.Equal([256, 'c'], TinyTokenizer.Parse(file).Encode("abc", addSpecialTokens: false));

        file["model"]!["ignore_merges"] = true;

        Assert.Equal([258], TinyTokenizer.Parse(file).Encode("abc", addSpecialTokens: false));
    }

    [Theory]
    [InlineData(false, new[] { 97, 299, 299, 98, 299 })]
    [InlineData(true, new[] { 97, 299, 98, 299 })]
    public void Encode_ByteWithoutEntry_IsTheUnknownToken(bool fuse, int[] expected)
    {
        JsonObject file = TinyTokenizer.File();
        JsonObject vocabulary = file["model"]!["vocab"]!.AsObject();
        vocabulary.Remove("x");
        vocabulary["<unk>"] = 299;
        file["model"]!["unk_token"] = "<unk>";
        file["model"]!["fuse_unk"] = fuse;

        Assert.Equal(expected, TinyTokenizer.Parse(file).Encode("axxbx", addSpecialTokens: false));
    }

    [Theory]
    [InlineData("a<s>b", new[] { 97, 256, 98 })]
    [InlineData("a  [x]  b", new[] { 97, 258, 257, 258, 98 })]
    [InlineData("[x]     y", new[] { 257, 258, 258, 32, 121 })]
    [InlineData("word", new[] { 259 })]
    [InlineData("a word.", new[] { 97, 32, 259, 46 })]
    [InlineData("words", new[] { 119, 111, 114, 100, 115 })]
    [InlineData("_word", new[] { 95, 119, 111, 114, 100 })]
    [InlineData("<s<s>>", new[] { 60, 115, 260 })]
    [InlineData("<s>>", new[] { 260 })]
    public void Encode_AddedTokens_AreCutOutLongestFirst(string text, int[] expected)
    {
        Tokenizer tokenizer = TinyTokenizer.Create(
            null,
            """{"content":"<s>","special":true}""",
            """{"content":"[x]","special":true,"lstrip":true,"rstrip":true}""",
            """{"content":"  ","special":true}""",
            """{"content":"word","single_word":true}""",
            """{"content":"<s>>","special":true}""");

        // The reference goes on looking right behind a token, so spaces that it took along may make tokens of their own.
        Assert.Equal(expected, tokenizer.Encode(text, addSpecialTokens: false));
    }

    [Fact]
    public void Encode_NormalizedToken_IsFoundInNormalizedText()
    {
        JsonObject file = TinyTokenizer.File(null, """{"content":"ABC","normalized":true}""", """{"content":"RAW"}""");
        file["normalizer"] = TinyTokenizer.Json("""{"type":"Lowercase"}""");
        Tokenizer tokenizer = TinyTokenizer.Parse(file);

        Assert.Equal([256, 256, 257, 'r', 'a', 'w'], tokenizer.Encode("abcABCRAWraw", addSpecialTokens: false));
    }

    [Fact]
    public void Encode_AddedTokenIds_FollowTheVocabularyInTheFilesOrder()
    {
        JsonObject file = TinyTokenizer.File(null, """{"content":"<b>"}""", """{"content":"<a>"}""", """{"content":"<b>"}""", """{"content":"z"}""");
        file["added_tokens"]![0]!["id"] = 400;
        Tokenizer tokenizer = TinyTokenizer.Parse(file);

        Assert.Equal([256, 257, 'z'], tokenizer.Encode("<b><a>z", addSpecialTokens: false));
        Assert.Equal(258, tokenizer.VocabularySize);
    }

    [Fact]
    public void Encode_PrefixSpace_OnlyWhereNoSpaceIs()
    {
        JsonObject file = TinyTokenizer.File();
        file["pre_tokenizer"]!["add_prefix_space"] = true;
        Tokenizer tokenizer = TinyTokenizer.Parse(file);

        Assert.Equal([' ', 'a'], tokenizer.Encode("a", addSpecialTokens: false));
        Assert.Equal([' ', 'a'], tokenizer.Encode(" a", addSpecialTokens: false));
        Assert.Equal([' ', '\n', 'a'], tokenizer.Encode("\na", addSpecialTokens: false));
        Assert.Equal([], tokenizer.Encode("", addSpecialTokens: false));
    }

    [Theory]
    [InlineData("""{"type":"TemplateProcessing","single":[{"SpecialToken":{"id":"s"}},{"Sequence":{"id":"A"}},{"SpecialToken":{"id":"s"}}],"special_tokens":{"s":{"ids":[1,2]}}}""", new[] { 1, 2, 97, 1, 2 })]
    [InlineData("""{"type":"RobertaProcessing","cls":["x",6],"sep":["y",5]}""", new[] { 6, 97, 5 })]
    [InlineData("""{"type":"Sequence","processors":[{"type":"ByteLevel"},{"type":"BertProcessing","cls":["x",6],"sep":["y",5]}]}""", new[] { 6, 97, 5 })]
    [InlineData("""{"type":"ByteLevel"}""", new[] { 97 })]
    public void Encode_PostProcessor_PutsTokensAround(string processor, int[] expected)
    {
        JsonObject file = TinyTokenizer.File();
        file["post_processor"] = TinyTokenizer.Json(processor);
        Tokenizer tokenizer = TinyTokenizer.Parse(file);

        Assert.Equal(expected, tokenizer.Encode("a", addSpecialTokens: true));
        Assert.Equal([97], tokenizer.Encode("a", addSpecialTokens: false));
    }

    [Theory]
    [InlineData("Isolated", new[] { 97, 256, 97 })]
    [InlineData("Removed", new[] { 97, 97 })]
    [InlineData("MergedWithPrevious", new[] { 257, 98, 97 })]
    [InlineData("MergedWithNext", new[] { 97, 98, 258 })]
    [InlineData("Contiguous", new[] { 97, 256, 97 })]
    public void Encode_SplitBehavior_DecidesWhatDelimitersJoin(string behavior, int[] expected)
    {
        // "b" is the delimiter; merges show which letters share a piece.
        string pattern = behavior == "Isolated" ? "b+" : "b";
        Tokenizer tokenizer = TinyTokenizer.Splitting(pattern, behavior, ["b b", "a b", "b a"]);

        Assert.Equal(expected, tokenizer.Encode("abba", addSpecialTokens: false));
    }

    [Theory]
    [InlineData(@"\w", "a1_²𝟘é日\u0301 -🅰😀", " -😀")]
    [InlineData(@"[\w]", "a²", "²")]
    [InlineData(@"\W", "a -😀b", "ab")]
    [InlineData(@"(?i:s)", "sSſx", "x")]
    [InlineData(@"^a", "aba\naa", "ba\na")]
    [InlineData(@"a$", "aa\nba", "a\nb")]
    [InlineData(@"a{,2}b", "aaab", "a")]
    [InlineData(@"a++", "aab", "b")]
    [InlineData(@"\ba", "ab ba a", "b ba ")]
    [InlineData(@"\p{^L}", "a1b", "ab")]
    [InlineData(@"[\p{L}\p{N}]", "𠀀a1𝟙-", "-")]
    [InlineData(@"\s*[\r\n]+|\s+(?!\S)|\s+", "a  b \n c", "abc")]
    public void Encode_OnigurumaPattern_MatchesAsThere(string pattern, string text, string rest)
    {
        List<int> ids = TinyTokenizer.Splitting(pattern).Encode(text, addSpecialTokens: false);

        Assert.Equal(rest, Encoding.UTF8.GetString([.. ids.Select(static id => (byte)id)]));
    }

    [Fact]
    public void Encode_EmptyMatches_PartWhatStandsAround() =>
        Assert.Equal(['b', 'b'], TinyTokenizer.Splitting("x*", "Isolated", ["b b"]).Encode("bb", addSpecialTokens: false));

    [Theory]
    [InlineData("NFC", "e\u0301\uFFFEe\u0301", "é\uFFFEé")]
    [InlineData("NFC", "q\u1DFA\u0334\u0345", "q\u1DFA\u0334\u0345")]
    [InlineData("NFD", "é", "e\u0301")]
    [InlineData("NFKC", "ﬁ\u32FF", "fi\u32FF")]
    [InlineData("Lowercase", "İA", "i\u0307a")]
    public void Encode_Normalizer_AsTheReferencesUnicodeVersion(string type, string text, string expected)
    {
        JsonObject file = TinyTokenizer.File();
        file["normalizer"] = new JsonObject { ["type"] = type };

        List<int> ids = TinyTokenizer.Parse(file).Encode(text, addSpecialTokens: false);

        Assert.Equal(expected, Encoding.UTF8.GetString([.. ids.Select(static id => (byte)id)]));
    }

    [Theory]
    [InlineData("""{"type":"Replace","pattern":{"String":"a."},"content":"-"}""", "xa.ab", "x-ab")]
    [InlineData("""{"type":"Replace","pattern":{"String":"😀"},"content":""}""", "x😀a😀", "xa")]
    [InlineData("""{"type":"Replace","pattern":{"Regex":"x*"},"content":"-"}""", "xaaxx", "-a-a-")]
    [InlineData("""{"type":"Sequence","normalizers":[{"type":"Prepend","prepend":"_"},{"type":"Strip"}]}""", "a ", "_a")]
    public void Encode_RewritingNormalizer_AsTheReference(string normalizer, string text, string expected)
    {
        JsonObject file = TinyTokenizer.File();
        file["normalizer"] = TinyTokenizer.Json(normalizer);

        List<int> ids = TinyTokenizer.Parse(file).Encode(text, addSpecialTokens: false);

        Assert.Equal(expected, Encoding.UTF8.GetString([.. ids.Select(static id => (byte)id)]));
    }

    [Fact]
    public void Encode_HalfSurrogatePairs_CountAsReplacementCharacters() =>
        Assert.Equal([.. "\uFFFDa\uFFFD"u8], TinyTokenizer.Create().Encode("\uD83Da\uDE00", addSpecialTokens: false).Select(static id => (byte)id));

    [Fact]
    public void Decode_UnknownIds_AreLeftOut() => Assert.Equal("ab", TinyTokenizer.Create().Decode(['a', 999, -1, int.MaxValue, 'b'], skipSpecialTokens: false));
}
