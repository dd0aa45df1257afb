using System.Text.Json;
using Dynamo.Frontend.Errors;

namespace Dynamo.Frontend.Bodies;

/// <summary>
/// Refuses escapes such as <c>\ud83d</c> that stand for half a character: JSON allows them, but they are no text. Reading such a string
/// throws, so it is found once, before anything reads it.
/// </summary>
internal static class SurrogateCheck
{
    /// <summary>Checks all strings of a request, names included.</summary>
    /// <exception cref="ApiException">Names the top-level parameter.</exception>
    public static void Check(JsonElement root, ReadOnlySpan<byte> utf8)
    {
        if (utf8.IndexOf("\\ud"u8) < 0 && utf8.IndexOf("\\uD"u8) < 0)
        {
            return;
        }

        foreach (JsonProperty property in root.EnumerateObject())
        {
            try
            {
                Read(property.Value);
            }
            catch (InvalidOperationException)
            {
                throw Fault(property.Name);
            }
        }
    }

    /// <summary>The error for a parameter, or for the name of a field.</summary>
    public static ApiException Fault(string? param) => ApiException.BadParameter(
        param, $"{(param is null ? "The name of a field" : $"'{param}'")} holds half of a surrogate pair, which is no character.", "invalid_value");

    private static void Read(JsonElement value)
    {
        switch (value.ValueKind)
        {
            case JsonValueKind.String:
                value.GetString();
                break;
            case JsonValueKind.Array:
                foreach (JsonElement item in value.EnumerateArray())
                {
                    Read(item);
                }

                break;
            case JsonValueKind.Object:
                foreach (JsonProperty property in value.EnumerateObject())
                {
                    _ = property.Name;
                    Read(property.Value);
                }

                break;
        }
    }
}
