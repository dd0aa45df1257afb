using System.Text.Json;
using Dynamo.Engine.Mock;
using Dynamo.Protocol.Models;
using Dynamo.Text.Tokenizers;

namespace Dynamo.Cli.Roles;

/// <summary>Reads what a mock model needs of a model folder: the width of its vocabulary, its longest sequence, and tokens that read as words.</summary>
internal static class MockModelReader
{
    private const string ConfigFile = "config.json";

    // Enough that texts differ at once, and few enough that a row of logits costs little more than clearing it.
    private const int MaxTokens = 256;

    /// <summary>Reads a folder.</summary>
    /// <exception cref="ModelFolderException">config.json or tokenizer.json is missing or damaged.</exception>
    public static MockModelConfig Read(ModelFolder folder)
    {
        using JsonDocument document = folder.ReadJson(ConfigFile);

        // Models of several modalities keep the language model's fields one level down.
        JsonElement config = document.RootElement.TryGetProperty("text_config", out JsonElement text) && text.ValueKind == JsonValueKind.Object ? text : document.RootElement;
        int vocabularySize = Number(config, "vocab_size", Tokenizer.MaxVocabularySize);
        int maxPositions = Number(config, "max_position_embeddings", 1 << 24);
        return new MockModelConfig
        {
            VocabularySize = vocabularySize,
            MaxPositions = maxPositions,
            Tokens = Words(Tokenizer.Load(folder), vocabularySize),
            KeepSums = true,
        };
    }

    /// <summary>
    /// Tokens of printable ASCII, so that a text is valid wherever it is cut and is ended by max_tokens alone; those that begin a word first,
    /// then in order of id. Empty when the tokenizer has fewer than two.
    /// </summary>
    internal static int[] Words(Tokenizer tokenizer, int vocabularySize)
    {
        HashSet<int> added = [.. tokenizer.AddedTokens.Select(static token => token.Id)];
        List<int> words = [];
        List<int> others = [];
        for (int id = 0; id < Math.Min(tokenizer.VocabularySize, vocabularySize) && words.Count < MaxTokens; id++)
        {
            ReadOnlySpan<byte> bytes = tokenizer.TokenBytes(id);
            if (bytes.IsEmpty || added.Contains(id) || bytes.ContainsAnyExceptInRange((byte)' ', (byte)'~'))
            {
                continue;
            }

            (bytes.Length > 1 && bytes[0] == ' ' && char.IsAsciiLetter((char)bytes[1]) ? words : others).Add(id);
        }

        int[] chosen = [.. words.Concat(others).Take(MaxTokens)];
        return chosen.Length > 1 ? chosen : [];
    }

    private static int Number(JsonElement config, string field, int most) =>
        config.TryGetProperty(field, out JsonElement value) && value.ValueKind == JsonValueKind.Number && value.TryGetInt32(out int number) && number > 0 && number <= most
            ? number
            : throw new ModelFolderException(ConfigFile, field, $"must be a number from 1 to {most}");
}
