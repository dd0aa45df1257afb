using System.Text;
using System.Text.Json;

namespace Dynamo.Text.Tokenizers;

/// <summary>
/// Reads tokenizer.json. Its <c>truncation</c> and <c>padding</c> are settings of whoever trained, not of the vocabulary: a server checks
/// lengths itself and never pads, so they are left aside, as transformers does.
/// </summary>
internal static class TokenizerReader
{
    // Published ones have at most 60. Longer ones would make looking for them slow.
    private const int MaxAddedTokenLength = 1000;

    public static Tokenizer Read(JsonElement root)
    {
        JsonFields file = new(root, "");
        JsonFields model = file.RequiredObject("model");
        CheckModel(model);

        Dictionary<string, int> vocabulary = Vocabulary(model);
        Normalizer normalizer = ComponentReader.Normalizer(file.Object("normalizer"));
        AddedToken[] added = [.. AddedTokens(file, vocabulary)];
        TokenTable table = new(vocabulary, added);
        (IReadOnlyList<int> before, IReadOnlyList<int> after) = ComponentReader.PostProcessor(file.Object("post_processor"));
        ComponentReader.CheckDecoder(file.Object("decoder"));
        Dictionary<string, int> idsByBytes = IdsByBytes(vocabulary);
        return new Tokenizer(
            table,
            new AddedTokenSplitter(added.Where(static token => !token.Normalized).Select(static token => (token.Content, token))),
            normalizer,
            new AddedTokenSplitter(added.Where(static token => token.Normalized).Select(token => (normalizer(token.Content), token))),
            ComponentReader.ByteLevelPreTokenizer(file.Object("pre_tokenizer")),
            new BpeModel(Merges(model, vocabulary), idsByBytes, model.Flag("ignore_merges", false), UnknownToken(model, vocabulary, idsByBytes), model.Flag("fuse_unk", false)),
            before,
            after);
    }

    private static void CheckModel(JsonFields model)
    {
        // Files of old versions leave the type out; then merges tell.
        string type = model.Text("type") ?? (model.Element.TryGetProperty("merges", out _) ? "BPE" : "(none)");
        if (type != "BPE")
        {
            throw TokenizerFile.Fault("model.type", $"'{type}' is not supported; byte-level BPE is");
        }

        if (model.Element.TryGetProperty("dropout", out JsonElement dropout) && dropout.ValueKind != JsonValueKind.Null
            && !(dropout.ValueKind == JsonValueKind.Number && dropout.GetDouble() == 0))
        {
            throw TokenizerFile.Fault("model.dropout", $"is {dropout.GetRawText()}; encoding must be deterministic, so only null or 0");
        }

        foreach (string name in (string[])["continuing_subword_prefix", "end_of_word_suffix"])
        {
            if (model.Text(name) is { Length: > 0 } value)
            {
                throw TokenizerFile.Fault(model.PathOf(name), $"'{value}' is not supported for byte-level vocabularies");
            }
        }
    }

    private static Dictionary<string, int> Vocabulary(JsonFields model)
    {
        JsonElement entries = model.Value("vocab", JsonValueKind.Object) ?? throw TokenizerFile.Fault("model.vocab", "is missing");
        Dictionary<string, int> vocabulary = new(StringComparer.Ordinal);
        HashSet<int> ids = [];
        foreach (JsonProperty entry in entries.EnumerateObject())
        {
            string token;
            try
            {
                token = entry.Name;
            }
            catch (InvalidOperationException e)
            {
                throw TokenizerFile.Fault("model.vocab", "an entry holds half of a surrogate pair", e);
            }

            int id = JsonFields.Id(entry.Value, $"model.vocab['{token}']");
            if (!ids.Add(id))
            {
                throw TokenizerFile.Fault($"model.vocab['{token}']", $"has id {id}, which another entry has too");
            }

            vocabulary[token] = id;
        }

        return vocabulary.Count > 0 ? vocabulary : throw TokenizerFile.Fault("model.vocab", "is empty");
    }

    private static Dictionary<ulong, BpeModel.Merge> Merges(JsonFields model, Dictionary<string, int> vocabulary)
    {
        JsonElement list = model.Value("merges", JsonValueKind.Array) ?? throw TokenizerFile.Fault("model.merges", "is missing");
        Dictionary<ulong, BpeModel.Merge> merges = new(list.GetArrayLength());
        int rank = 0;
        foreach (JsonElement item in list.EnumerateArray())
        {
            if (item.ValueKind == JsonValueKind.String && JsonFields.Decode(item, "model.merges").StartsWith("#version", StringComparison.Ordinal))
            {
                continue;
            }

            (string left, string right) = Pair(item, rank);
            ulong key = BpeModel.Key(Find(left, rank), Find(right, rank));

            // Of a pair that stands twice the later rank counts, as in the reference.
            merges[key] = new BpeModel.Merge(rank, Find(left + right, rank));
            rank++;
        }

        return merges;

        int Find(string token, int index) =>
            vocabulary.TryGetValue(token, out int id) ? id : throw TokenizerFile.Fault($"model.merges[{index}]", $"'{token}' is not in the vocabulary");
    }

    // Both spellings occur: "a b", and since tokenizers 0.20 ["a", "b"].
    private static (string Left, string Right) Pair(JsonElement item, int index)
    {
        string path = $"model.merges[{index}]";
        if (item.ValueKind == JsonValueKind.Array && item.GetArrayLength() == 2
            && item[0].ValueKind == JsonValueKind.String && item[1].ValueKind == JsonValueKind.String)
        {
            return (JsonFields.Decode(item[0], path), JsonFields.Decode(item[1], path));
        }

        if (item.ValueKind == JsonValueKind.String)
        {
            string text = JsonFields.Decode(item, path);
            int space = text.IndexOf(' ');
            if (space > 0 && space == text.LastIndexOf(' ') && space < text.Length - 1)
            {
                return (text[..space], text[(space + 1)..]);
            }
        }

        throw TokenizerFile.Fault(path, "must be two tokens, as \"a b\" or [\"a\", \"b\"]");
    }

    // A token that the vocabulary has keeps the vocabulary's id; others are numbered on in the file's order. That is what the reference does,
    // and warns about, when the file names other ids.
    private static IEnumerable<AddedToken> AddedTokens(JsonFields file, Dictionary<string, int> vocabulary)
    {
        HashSet<string> contents = new(StringComparer.Ordinal);
        int next = vocabulary.Count;
        foreach (JsonFields token in file.Objects("added_tokens"))
        {
            string content = token.RequiredText("content");
            token.RequiredId("id");
            if (content.Length > MaxAddedTokenLength)
            {
                throw TokenizerFile.Fault(token.PathOf("content"), $"has {content.Length:N0} characters; at most {MaxAddedTokenLength} are supported");
            }

            if (content.Length == 0 || !contents.Add(content))
            {
                continue;
            }

            int id = vocabulary.TryGetValue(content, out int known) ? known : next;
            next = Math.Max(next, id + 1);
            bool special = token.Flag("special", false);
            yield return new AddedToken
            {
                Id = id,
                Content = content,
                Special = special,
                SingleWord = token.Flag("single_word", false),
                LeftStrip = token.Flag("lstrip", false),
                RightStrip = token.Flag("rstrip", false),
                Normalized = token.Flag("normalized", !special),
            };
        }
    }

    // What a byte becomes that the vocabulary lacks. Most vocabularies have all bytes and need none.
    private static int? UnknownToken(JsonFields model, Dictionary<string, int> vocabulary, Dictionary<string, int> idsByBytes)
    {
        if (Enumerable.Range(0, 256).All(b => idsByBytes.ContainsKey(((char)b).ToString())))
        {
            return null;
        }

        if (model.Flag("byte_fallback", false))
        {
            throw TokenizerFile.Fault(model.PathOf("byte_fallback"), "is not supported for a byte-level vocabulary that lacks bytes");
        }

        string? unknown = model.Text("unk_token");
        return unknown is null ? null : vocabulary.TryGetValue(unknown, out int id) ? id : throw TokenizerFile.Fault(model.PathOf("unk_token"), $"'{unknown}' is not in the vocabulary");
    }

    private static Dictionary<string, int> IdsByBytes(Dictionary<string, int> vocabulary)
    {
        Dictionary<string, int> ids = new(vocabulary.Count, StringComparer.Ordinal);
        foreach ((string token, int id) in vocabulary)
        {
            if (ByteLevelAlphabet.Bytes(token) is { } bytes)
            {
                ids.TryAdd(Encoding.Latin1.GetString(bytes), id);
            }
        }

        return ids;
    }
}
