using System.Text.Json;

namespace Dynamo.Frontend.Json;

/// <summary>Measures how deeply lists and objects stand in one another.</summary>
internal static class JsonDepth
{
    /// <summary>Whether a value has more levels than allowed; a list or object is one level, what stands in it the next.</summary>
    /// <param name="value">The value, from a document whose own depth is bounded.</param>
    /// <param name="most">Levels allowed.</param>
    public static bool IsOver(JsonElement value, int most)
    {
        if (value.ValueKind is not (JsonValueKind.Object or JsonValueKind.Array))
        {
            return false;
        }

        if (most == 0)
        {
            return true;
        }

        if (value.ValueKind == JsonValueKind.Array)
        {
            foreach (JsonElement item in value.EnumerateArray())
            {
                if (IsOver(item, most - 1))
                {
                    return true;
                }
            }

            return false;
        }

        foreach (JsonProperty property in value.EnumerateObject())
        {
            if (IsOver(property.Value, most - 1))
            {
                return true;
            }
        }

        return false;
    }
}
