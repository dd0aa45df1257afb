using System.Text.Json;
using Dynamo.Frontend.Errors;

namespace Dynamo.Frontend.Bodies;

/// <summary>
/// Counts the values of a large body before it is parsed: a parsed value takes 12 bytes and more, however short it is written, so that a body
/// of the permitted size could take gigabytes. The longest prompts of token ids and the longest conversations stay below a third of the limit.
/// </summary>
internal static class JsonSize
{
    /// <summary>Most names, values, and ends of lists and objects.</summary>
    private const int MaxTokens = 4_000_000;

    /// <summary>Checks a body.</summary>
    /// <exception cref="ApiException">It has too many values.</exception>
    /// <exception cref="JsonException">It is not JSON.</exception>
    public static void Check(ReadOnlySpan<byte> utf8, int maxDepth)
    {
        Utf8JsonReader reader = new(utf8, new JsonReaderOptions { MaxDepth = maxDepth });
        int count = 0;
        while (reader.Read())
        {
            if (++count > MaxTokens)
            {
                throw ApiException.BadParameter(null, $"The request body has more than {MaxTokens:N0} JSON values.", "invalid_value");
            }
        }
    }
}
