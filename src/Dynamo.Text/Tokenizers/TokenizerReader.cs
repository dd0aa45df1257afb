using System.Text;
using System.Text.Json;

namespace Dynamo.Text.Tokenizers;

/// <summary>
/// Reads tokenizer.json. Its <c>truncation</c> and <c>padding</c> are settings of whoever trained, not of the vocabulary: a server checks
/// lengths itself and never pads, so they are left aside, as transformers does.
/// </summary>
internal static class TokenizerReader
{
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
        return new Tokenizer(
            table,
            new AddedTokenSplitter(added.Where(static token => !token.Normalized).Select(static token => (token.Content, token))),
            normalizer,
            new AddedTokenSplitter(added.Where(static token => token.Normalized).Select(token => (normalizer(token.Content), token))),
            ComponentReader.ByteLevelPreTokenizer(file.Object("pre_tokenizer")),
            new BpeModel(Merges(model, vocabulary), IdsByBytes(vocabulary), model.Flag("ignore_merges", false)),
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

    private static IEnumerable<AddedToken> AddedTokens(JsonFields file, Dictionary<string, int> vocabulary)
    {
        foreach (JsonFields token in file.Objects("added_tokens"))
        {
            string content = token.RequiredText("content");
            bool special = token.Flag("special", false);
            yield return new AddedToken
            {
                // A token that the vocabulary has keeps the vocabulary's id, as in the reference.
                Id = vocabulary.TryGetValue(content, out int id) ? id : token.RequiredId("id"),
                Content = content,
                Special = special,
                SingleWord = token.Flag("single_word", false),
                LeftStrip = token.Flag("lstrip", false),
                RightStrip = token.Flag("rstrip", false),
                Normalized = token.Flag("normalized", !special),
            };
        }
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
