using System.Text.Json;
using Dynamo.Frontend.Bodies;
using Dynamo.Frontend.Errors;
using Dynamo.Serving.Catalog;
using Dynamo.Text.Tokenizers;

namespace Dynamo.Frontend.Requests;

/// <summary>Reads <c>prompt</c> of a completion in its four forms: text, texts, token ids, lists of token ids.</summary>
/// <param name="model">The model.</param>
/// <param name="tokenizer">Its tokenizer.</param>
/// <param name="limits">What a prompt must keep to.</param>
/// <param name="maxPrompts">Most prompts of the request.</param>
internal sealed class PromptReader(ServedModel model, Tokenizer tokenizer, PromptLimits limits, int maxPrompts)
{
    /// <summary>The parameter.</summary>
    public const string Name = "prompt";

    /// <summary>Whether the tokenizer's special tokens go around texts.</summary>
    public required bool AddSpecialTokens { get; init; }

    /// <summary>Whether answers begin with the prompt.</summary>
    public required bool Echo { get; init; }

    /// <summary>Whether special tokens are left out of prompts that are shown.</summary>
    public required bool SkipSpecialTokens { get; init; }

    /// <summary>Reads the prompts.</summary>
    /// <exception cref="ApiException">The value has none of the forms, or a prompt is empty or too long.</exception>
    public IReadOnlyList<Prompt> Read(JsonFields body)
    {
        JsonElement value = body.Any(Name) ?? throw body.Missing(Name);
        if (value.ValueKind == JsonValueKind.String)
        {
            return [Encode(value)];
        }

        if (value.ValueKind != JsonValueKind.Array)
        {
            throw WrongForm(value);
        }

        int count = value.GetArrayLength();
        if (count == 0)
        {
            throw ApiException.BadParameter(Name, $"'{Name}' must not be empty.", "invalid_value");
        }

        JsonValueKind kind = value[0].ValueKind;
        if (kind == JsonValueKind.Number)
        {
            return [TokenIds(value, Name)];
        }

        if (kind is not (JsonValueKind.String or JsonValueKind.Array))
        {
            throw WrongForm(value[0]);
        }

        if (count > maxPrompts)
        {
            throw ApiException.BadParameter(Name, $"The request has {count} prompts; with its number of choices at most {maxPrompts} are taken.", "invalid_value");
        }

        return ReadList(value, kind, count);
    }

    private Prompt[] ReadList(JsonElement list, JsonValueKind kind, int count)
    {
        Prompt[] prompts = new Prompt[count];
        int i = 0;
        foreach (JsonElement item in list.EnumerateArray())
        {
            string path = $"{Name}[{i}]";
            JsonValues.Expect(item, kind, path, kind == JsonValueKind.String ? "a string like the first" : "an array like the first");
            prompts[i++] = kind == JsonValueKind.String ? Encode(item) : TokenIds(item, path);
        }

        return prompts;
    }

    private Prompt Encode(JsonElement value)
    {
        string prompt = value.GetString()!;
        return new Prompt(limits.Encode(prompt, AddSpecialTokens), Echo ? prompt : null);
    }

    private Prompt TokenIds(JsonElement array, string path)
    {
        limits.CheckCount(array.GetArrayLength());
        int[] ids = new int[array.GetArrayLength()];
        int i = 0;
        foreach (JsonElement item in array.EnumerateArray())
        {
            // The common case makes no path.
            ids[i] = item.ValueKind == JsonValueKind.Number && item.TryGetInt32(out int id) && (uint)id < (uint)model.VocabularySize
                ? id
                : (int)JsonValues.Integer(item, $"{path}[{i}]", 0, model.VocabularySize - 1);
            i++;
        }

        return new Prompt(limits.Fit(ids), Echo ? tokenizer.Decode(ids, SkipSpecialTokens) : null);
    }

    private static ApiException WrongForm(JsonElement value) =>
        JsonValues.WrongType(value, Name, "a string, an array of strings, an array of token ids or an array of such arrays");
}
