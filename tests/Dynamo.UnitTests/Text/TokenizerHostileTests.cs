using System.Text.Json.Nodes;
using Dynamo.Protocol.Models;
using Dynamo.Text.Tokenizers;
using Dynamo.UnitTests.Text.Support;
using Xunit;

namespace Dynamo.UnitTests.Text;

/// <summary>Files that lie, explode or are not supported: one error that names the field.</summary>
public sealed class TokenizerHostileTests
{
    [Theory]
    [InlineData("model.type", "\"Unigram\"", "model.type")]
    [InlineData("model.vocab", "{}", "model.vocab")]
    [InlineData("model.vocab", "{\"a\":1,\"b\":1}", "model.vocab['b']")]
    [InlineData("model.vocab", "{\"a\":-1}", "model.vocab['a']")]
    [InlineData("model.vocab", "{\"a\":2097152}", "model.vocab['a']")]
    [InlineData("model.vocab", "{\"a\":1e3}", "model.vocab['a']")]
    [InlineData("model.vocab", "{\"\\ud800\":1}", "model.vocab")]
    [InlineData("model.vocab", "[]", "model.vocab")]
    [InlineData("model.merges", "[\"a b\",\"ab cd\"]", "model.merges[0]")]
    [InlineData("model.merges", "[[\"a\"]]", "model.merges[0]")]
    [InlineData("model.merges", "[\"a  b\"]", "model.merges[0]")]
    [InlineData("model.merges", "[5]", "model.merges[0]")]
    [InlineData("model.merges", "null", "model.merges")]
    [InlineData("model.dropout", "0.1", "model.dropout")]
    [InlineData("model.end_of_word_suffix", "\"</w>\"", "model.end_of_word_suffix")]
    [InlineData("normalizer", "{\"type\":\"Nmt\"}", "normalizer.type")]
    [InlineData("normalizer", "{\"type\":\"Replace\",\"pattern\":{},\"content\":\"\"}", "normalizer.pattern")]
    [InlineData("pre_tokenizer", "{\"type\":\"Metaspace\"}", "pre_tokenizer.type")]
    [InlineData("pre_tokenizer", "null", "pre_tokenizer")]
    [InlineData("pre_tokenizer", "{\"type\":\"Sequence\",\"pretokenizers\":[{\"type\":\"Fancy\"},{\"type\":\"ByteLevel\"}]}", "pre_tokenizer.pretokenizers[0].type")]
    [InlineData("post_processor", "{\"type\":\"Fancy\"}", "post_processor.type")]
    [InlineData("post_processor", "{\"type\":\"TemplateProcessing\",\"single\":[]}", "post_processor.single")]
    [InlineData("decoder", "{\"type\":\"WordPiece\"}", "decoder.type")]
    [InlineData("added_tokens", "[{\"content\":\"x\"}]", "added_tokens[0].id")]
    [InlineData("added_tokens", "[5]", "added_tokens[0]")]
    [InlineData("added_tokens", "[{\"id\":1,\"content\":\"x\",\"special\":1}]", "added_tokens[0].special")]
    public void Parse_FieldThatIsNotAsItMustBe_IsNamed(string field, string value, string named)
    {
        JsonObject file = TinyTokenizer.File();
        JsonObject owner = field.StartsWith("model.", StringComparison.Ordinal) ? file["model"]!.AsObject() : file;
        owner[field[(field.IndexOf('.') + 1)..]] = "PLACEHOLDER";
        byte[] json = System.Text.Encoding.UTF8.GetBytes(file.ToJsonString().Replace("\"PLACEHOLDER\"", value, StringComparison.Ordinal));

        ModelFolderException e = Assert.Throws<ModelFolderException>(() => Tokenizer.Parse(json));

        Assert.Contains($"tokenizer.json: {named}", e.Message);
        Assert.DoesNotContain('\n', e.Message);
    }

    [Theory]
    [InlineData(@"(")]
    [InlineData(@"[a")]
    [InlineData(@"a)")]
    [InlineData(@"\p{Han}")]
    [InlineData(@"[a&&b]")]
    [InlineData(@"[[:alpha:]]")]
    [InlineData(@"(?m:a)")]
    [InlineData(@"(?x)a")]
    [InlineData(@"(a)\1")]
    [InlineData(@"(?i:ss)")]
    [InlineData(@"a**")]
    [InlineData(@"[😀-😂]")]
    [InlineData(@"\")]
    public void Parse_PatternWithoutEqual_IsRefused(string pattern)
    {
        ModelFolderException e = Assert.Throws<ModelFolderException>(() => TinyTokenizer.Splitting(pattern));

        Assert.Contains("pre_tokenizer.pretokenizers[0].pattern.Regex: the pattern", e.Message);
    }

    [Fact]
    public void Parse_HugePattern_IsRefused() => Assert.Contains("at most 10,000", Assert.Throws<ModelFolderException>(() => TinyTokenizer.Splitting(new string('(', 1_000_000))).Message);

    [Theory]
    [InlineData("(a+)+b")]
    [InlineData("(a|aa)+b")]
    [InlineData("(?=(a+)+b)a|x")]
    public void Encode_CatastrophicPattern_IsOneError(string pattern)
    {
        Tokenizer tokenizer = TinyTokenizer.Splitting(pattern);

        ModelFolderException e = Assert.Throws<ModelFolderException>(() => tokenizer.Encode(new string('a', 200), addSpecialTokens: false));

        Assert.Contains("takes too long on a text of 200 characters", e.Message);
    }

    [Fact]
    public void Encode_ManySlowMatches_ShareOneLimit()
    {
        // Every match backtracks for a while, none long enough for the limit of a single one.
        Tokenizer tokenizer = TinyTokenizer.Splitting("(?>(?:a|aa){17}b|)a");

        Assert.Contains("takes too long", Assert.Throws<ModelFolderException>(() => tokenizer.Encode(new string('a', 20_000), addSpecialTokens: false)).Message);
    }

    [Fact]
    public void Encode_ReplacementThatExplodes_IsOneError()
    {
        JsonObject file = TinyTokenizer.File();
        file["normalizer"] = new JsonObject { ["type"] = "Replace", ["pattern"] = new JsonObject { ["String"] = "a" }, ["content"] = new string('b', 1_000_000) };
        Tokenizer tokenizer = TinyTokenizer.Parse(file);

        Assert.Contains("normalizer: makes a text of", Assert.Throws<ModelFolderException>(() => tokenizer.Encode(new string('a', 1_000), addSpecialTokens: false)).Message);
    }

    [Fact]
    public void Encode_PrefixAtEveryPiece_IsOneError()
    {
        JsonObject file = TinyTokenizer.File(null, """{"content":"|"}""");
        file["normalizer"] = new JsonObject { ["type"] = "Prepend", ["prepend"] = new string('b', 20_000_000) };
        Tokenizer tokenizer = TinyTokenizer.Parse(file);

        Assert.Contains("of one text", Assert.Throws<ModelFolderException>(() => tokenizer.Encode("a|a|a|a|a", addSpecialTokens: false)).Message);
    }

    [Fact]
    public void Parse_ManyTokensAroundEachText_AreRefused()
    {
        JsonObject file = TinyTokenizer.File();
        JsonArray ids = [.. Enumerable.Repeat(1, 600).Select(static id => JsonValue.Create(id))];
        file["post_processor"] = TinyTokenizer.Json(
            """{"type":"TemplateProcessing","single":[{"SpecialToken":{"id":"s"}},{"SpecialToken":{"id":"s"}},{"Sequence":{"id":"A"}}],"special_tokens":{"s":{}}}""");
        file["post_processor"]!["special_tokens"]!["s"]!["ids"] = ids;

        Assert.Contains("post_processor.single", Assert.Throws<ModelFolderException>(() => TinyTokenizer.Parse(file)).Message);
    }

    [Fact]
    public void Parse_LongAddedToken_IsRefused() =>
        Assert.Contains("added_tokens[0].content", Assert.Throws<ModelFolderException>(() => TinyTokenizer.Create(null, $$"""{"content":"{{new string('a', 2_000)}}"}""")).Message);

    [Fact]
    public void Encode_ManyAddedTokensOnTheirOwnLetters_TakesOneWalkAPlace()
    {
        string[] added = [.. Enumerable.Range(1, 900).Select(static n => $$"""{"content":"{{new string('a', n)}}","lstrip":true,"rstrip":true}""")];
        Tokenizer tokenizer = TinyTokenizer.Create(null, [.. added, """{"content":" ","lstrip":true,"rstrip":true}"""]);

        Assert.Equal(12, tokenizer.Encode(new string('a', 10_000), addSpecialTokens: false).Count);
        Assert.Equal(100_000, tokenizer.Encode(new string(' ', 100_000), addSpecialTokens: false).Count);
    }
}
