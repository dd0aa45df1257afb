using System.Text.Json;
using Dynamo.Protocol.Models;

namespace Dynamo.Frontend.Models;

/// <summary>Reads fields of a model's JSON file; faults name file, field and value.</summary>
internal readonly struct ModelFileFields(string file, JsonElement root)
{
    public float? Number(string field) =>
        Any(field) is not { } value ? null
        : value.ValueKind == JsonValueKind.Number && float.IsFinite((float)value.GetDouble()) ? (float)value.GetDouble()
        : throw Fault(field, "a number", value);

    public int? Integer(string field) =>
        Any(field) is not { } value ? null
        : value.ValueKind == JsonValueKind.Number && value.TryGetInt32(out int integer) ? integer
        : throw Fault(field, "an integer", value);

    public bool? Flag(string field) =>
        Any(field) is not { } value ? null
        : value.ValueKind is JsonValueKind.True or JsonValueKind.False ? value.GetBoolean()
        : throw Fault(field, "a boolean", value);

    /// <summary>A token as text, written as a string or as an object with <c>content</c>.</summary>
    public string? TokenText(string field)
    {
        if (Any(field) is not { } value)
        {
            return null;
        }

        JsonElement content = value.ValueKind == JsonValueKind.Object && value.TryGetProperty("content", out JsonElement inner) ? inner : value;
        try
        {
            return content.ValueKind == JsonValueKind.String ? content.GetString() : throw Fault(field, "a token", value);
        }
        catch (InvalidOperationException)
        {
            throw Fault(field, "text", value);
        }
    }

    /// <summary>Adds one token id or a list of them.</summary>
    public void AddTokenIds(string field, ISet<int> ids)
    {
        if (Any(field) is not { } value)
        {
            return;
        }

        if (value.ValueKind != JsonValueKind.Array)
        {
            ids.Add(TokenId(field, value));
            return;
        }

        foreach (JsonElement item in value.EnumerateArray())
        {
            ids.Add(TokenId(field, item));
        }
    }

    private int TokenId(string field, JsonElement value) =>
        value.ValueKind == JsonValueKind.Number && value.TryGetInt32(out int id) && id >= 0 ? id : throw Fault(field, "a token id or a list of them", value);

    private JsonElement? Any(string field) =>
        root.TryGetProperty(field, out JsonElement value) && value.ValueKind != JsonValueKind.Null ? value : null;

    private ModelFolderException Fault(string field, string expected, JsonElement value) => new(file, field, $"must be {expected}, is {value.GetRawText()}");
}
