using System.Text;
using System.Text.Json.Nodes;
using Dynamo.Text.Tokenizers;

namespace Dynamo.UnitTests.Text.Support;

/// <summary>Hand-made tokenizer.json: ids 0 to 255 are the bytes, then come merges and added tokens.</summary>
internal static class TinyTokenizer
{
    /// <summary>The file, for tests that change it first.</summary>
    /// <param name="merges">Pairs "a b"; each makes the next id from 256 on.</param>
    /// <param name="added">Added tokens, as JSON objects without an id.</param>
    public static JsonObject File(string[]? merges = null, params string[] added)
    {
        JsonObject vocabulary = [];
        for (int b = 0; b < 256; b++)
        {
            vocabulary[Letter(b).ToString()] = b;
        }

        JsonArray pairs = [];
        foreach (string merge in merges ?? [])
        {
            pairs.Add(merge);
            vocabulary.TryAdd(merge.Replace(" ", "", StringComparison.Ordinal), vocabulary.Count);
        }

        JsonArray tokens = [];
        foreach (string token in added)
        {
            JsonObject fields = JsonNode.Parse(token)!.AsObject();
            fields["id"] = vocabulary.Count + tokens.Count;
            fields["normalized"] ??= false;
            tokens.Add(fields);
        }

        return new JsonObject
        {
            ["added_tokens"] = tokens,
            ["normalizer"] = null,
            ["pre_tokenizer"] = Json("""{"type":"ByteLevel","add_prefix_space":false,"use_regex":false}"""),
            ["post_processor"] = null,
            ["decoder"] = Json("""{"type":"ByteLevel"}"""),
            ["model"] = new JsonObject { ["type"] = "BPE", ["vocab"] = vocabulary, ["merges"] = pairs },
        };
    }

    public static Tokenizer Create(string[]? merges = null, params string[] added) => Parse(File(merges, added));

    public static Tokenizer Parse(JsonObject file) => Tokenizer.Parse(Encoding.UTF8.GetBytes(file.ToJsonString()));

    public static JsonNode Json(string json) => JsonNode.Parse(json)!;

    /// <summary>A tokenizer that removes what a pattern matches.</summary>
    public static Tokenizer Splitting(string pattern, string behavior = "Removed", string[]? merges = null)
    {
        JsonObject file = File(merges);
        JsonObject split = new() { ["type"] = "Split", ["pattern"] = new JsonObject { ["Regex"] = pattern }, ["behavior"] = behavior, ["invert"] = false };
        file["pre_tokenizer"] = new JsonObject { ["type"] = "Sequence", ["pretokenizers"] = new JsonArray(split, file["pre_tokenizer"]!.DeepClone()) };
        return Parse(file);
    }

    // GPT-2's printable stand-ins for bytes.
    private static char Letter(int b)
    {
        bool IsPrintable(int c) => c is (>= 0x21 and <= 0x7E) or (>= 0xA1 and <= 0xAC) or (>= 0xAE and <= 0xFF);
        return (char)(IsPrintable(b) ? b : 256 + Enumerable.Range(0, b).Count(c => !IsPrintable(c)));
    }
}
