using System.Text.Json;
using Dynamo.Frontend.Errors;

namespace Dynamo.Frontend.Bodies;

/// <summary>Says what is wrong with a body that could not be parsed, and where. Slow, and only for such bodies.</summary>
internal static class JsonFault
{
    /// <summary>The error for a body.</summary>
    /// <param name="exception">What the parser said.</param>
    /// <param name="utf8">The body.</param>
    /// <param name="maxDepth">Deepest nesting.</param>
    public static ApiException Describe(JsonException exception, ReadOnlyMemory<byte> utf8, int maxDepth)
    {
        // The parser gives no place for a duplicate.
        if (exception.LineNumber is null && DuplicateIn(utf8, maxDepth) is { } path)
        {
            return ApiException.BadParameter(path, $"'{path}' is given twice.", "duplicate_key");
        }

        // Its message begins with what is wrong and goes on with a place in its own words.
        ReadOnlySpan<char> message = exception.Message;
        int end = message.IndexOf(" LineNumber:", StringComparison.Ordinal);
        string reason = message[..(end < 0 ? message.Length : end)].TrimEnd('.').ToString();
        return NotJson(ParameterAt(utf8.Span, maxDepth), $"{reason} (line {exception.LineNumber + 1}, byte {exception.BytePositionInLine + 1})");
    }

    /// <summary>The error for a body that is not JSON.</summary>
    public static ApiException NotJson(string? param, string reason) =>
        ApiException.BadParameter(param, $"The request body is not valid JSON: {reason}.", "invalid_json");

    // The top-level field in which the fault stands.
    private static string? ParameterAt(ReadOnlySpan<byte> utf8, int maxDepth)
    {
        string? name = null;
        Utf8JsonReader reader = new(utf8, new JsonReaderOptions { MaxDepth = maxDepth });
        try
        {
            while (reader.Read())
            {
                if (reader.TokenType == JsonTokenType.PropertyName && reader.CurrentDepth == 1)
                {
                    name = reader.GetString();
                }
            }
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException)
        {
            // Here it is.
        }

        return name;
    }

    private static string? DuplicateIn(ReadOnlyMemory<byte> utf8, int maxDepth)
    {
        using JsonDocument document = JsonDocument.Parse(utf8, new JsonDocumentOptions { MaxDepth = maxDepth });
        return DuplicateIn(document.RootElement, "");
    }

    private static string? DuplicateIn(JsonElement value, string path)
    {
        if (value.ValueKind == JsonValueKind.Array)
        {
            int i = 0;
            foreach (JsonElement item in value.EnumerateArray())
            {
                if (DuplicateIn(item, $"{path}[{i++}]") is { } found)
                {
                    return found;
                }
            }
        }
        else if (value.ValueKind == JsonValueKind.Object)
        {
            HashSet<string> names = new(StringComparer.Ordinal);
            foreach (JsonProperty property in value.EnumerateObject())
            {
                string inner = path.Length == 0 ? property.Name : $"{path}.{property.Name}";
                if (!names.Add(property.Name))
                {
                    return inner;
                }

                if (DuplicateIn(property.Value, inner) is { } found)
                {
                    return found;
                }
            }
        }

        return null;
    }
}
