using System.Text.Json;

namespace Dynamo.Text.Tokenizers;

/// <summary>Reads fields of one JSON object of tokenizer.json and names the field, with its path, when it is not as it must be.</summary>
/// <param name="Element">The object.</param>
/// <param name="Path">Dotted path of the object in the file, empty for the root.</param>
internal readonly record struct JsonFields(JsonElement Element, string Path)
{
    /// <summary>Full path of a field.</summary>
    public string PathOf(string name) => Path.Length == 0 ? name : $"{Path}.{name}";

    /// <summary>A field that is an object, or <see langword="null"/> when it is null or missing.</summary>
    public JsonFields? Object(string name) => Value(name, JsonValueKind.Object) is { } value ? new JsonFields(value, PathOf(name)) : null;

    /// <summary>A field that must be an object.</summary>
    public JsonFields RequiredObject(string name) => Object(name) ?? throw TokenizerFile.Fault(PathOf(name), "is missing");

    /// <summary>The objects of a list; none when it is null or missing.</summary>
    public IEnumerable<JsonFields> Objects(string name)
    {
        if (Value(name, JsonValueKind.Array) is not { } list)
        {
            yield break;
        }

        int i = 0;
        foreach (JsonElement item in list.EnumerateArray())
        {
            string path = $"{PathOf(name)}[{i++}]";
            yield return item.ValueKind == JsonValueKind.Object
                ? new JsonFields(item, path)
                : throw TokenizerFile.Fault(path, $"must be an object, is {item.ValueKind}");
        }
    }

    /// <summary>A text, or <see langword="null"/> when it is null or missing.</summary>
    public string? Text(string name) => Value(name, JsonValueKind.String) is { } value ? Decode(value, PathOf(name)) : null;

    /// <summary>A text that must be there.</summary>
    public string RequiredText(string name) => Text(name) ?? throw TokenizerFile.Fault(PathOf(name), "is missing");

    /// <summary>A truth value, or the default when it is null or missing.</summary>
    public bool Flag(string name, bool defaultValue) =>
        !Element.TryGetProperty(name, out JsonElement value) || value.ValueKind == JsonValueKind.Null ? defaultValue
        : value.ValueKind is JsonValueKind.True or JsonValueKind.False ? value.GetBoolean()
        : throw TokenizerFile.Fault(PathOf(name), $"must be true or false, is {value.ValueKind}");

    /// <summary>A token id that must be there.</summary>
    public int RequiredId(string name) =>
        Value(name, JsonValueKind.Number) is { } value ? Id(value, PathOf(name)) : throw TokenizerFile.Fault(PathOf(name), "is missing");

    /// <summary>A field of a kind, or <see langword="null"/> when it is null or missing.</summary>
    public JsonElement? Value(string name, JsonValueKind kind) =>
        !Element.TryGetProperty(name, out JsonElement value) || value.ValueKind == JsonValueKind.Null ? null
        : value.ValueKind == kind ? value
        : throw TokenizerFile.Fault(PathOf(name), $"must be {kind}, is {value.ValueKind}");

    /// <summary>Reads a token id.</summary>
    public static int Id(JsonElement value, string path) =>
        value.ValueKind == JsonValueKind.Number && value.TryGetInt32(out int id) && id >= 0 && id < Tokenizer.MaxVocabularySize
            ? id
            : throw TokenizerFile.Fault(path, $"must be a token id below {Tokenizer.MaxVocabularySize}, is {value.GetRawText()[..Math.Min(40, value.GetRawText().Length)]}");

    /// <summary>Reads a string; JSON may hold half a surrogate pair, which is no text.</summary>
    public static string Decode(JsonElement value, string path)
    {
        try
        {
            return value.GetString()!;
        }
        catch (InvalidOperationException e)
        {
            throw TokenizerFile.Fault(path, "holds half of a surrogate pair", e);
        }
    }
}
