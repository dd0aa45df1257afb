using System.Text.Json;
using Dynamo.Protocol.Models;

namespace Dynamo.Frontend.Models;

/// <summary>Reads fields of a model's JSON file; faults name file, field and value.</summary>
internal readonly struct ModelFileFields(string file, JsonElement root)
{
    /// <summary>A token as text, written as a string or as an object with <c>content</c>.</summary>
    public string? TokenText(string field)
    {
        if (!root.TryGetProperty(field, out JsonElement value) || value.ValueKind == JsonValueKind.Null)
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

    private ModelFolderException Fault(string field, string expected, JsonElement value) => new(file, field, $"must be {expected}, is {value.GetRawText()}");
}
