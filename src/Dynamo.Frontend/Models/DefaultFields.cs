using System.Globalization;
using System.Text.Json;
using Dynamo.Frontend.Bodies;

namespace Dynamo.Frontend.Models;

/// <summary>Reads defaults from a model's JSON file. What is out of range becomes the end of the range, what is no such value is left out; each with a warning.</summary>
/// <param name="file">Name of the file.</param>
/// <param name="root">Its content, an object.</param>
/// <param name="warnings">Takes them: file, field, value and what holds instead.</param>
internal sealed class DefaultFields(string file, JsonElement root, List<string> warnings)
{
    /// <summary>A number within a range. Where the range does not have its low end, there is no nearest value, so what is below is left out.</summary>
    public float? Number(string field, float low, float high, bool lowIsOpen = false)
    {
        if (Any(field) is not { } value)
        {
            return null;
        }

        if (value.ValueKind != JsonValueKind.Number || !float.IsFinite((float)value.GetDouble()))
        {
            return LeaveOut<float?>(field, value, "no number");
        }

        float number = (float)value.GetDouble();
        return lowIsOpen && number <= low ? LeaveOut<float?>(field, value, $"not above {Shown(low)}")
            : number < low ? Replace(field, value, low)
            : number > high ? Replace(field, value, high)
            : number;
    }

    /// <summary>An integer within a range; what is outside is left out.</summary>
    public int? Integer(string field, int low, int high) =>
        Any(field) is not { } value ? null
        : value.ValueKind != JsonValueKind.Number || !value.TryGetInt32(out int integer) ? LeaveOut<int?>(field, value, "no integer of 32 bits")
        : integer < low || integer > high ? LeaveOut<int?>(field, value, $"not {low} to {high}")
        : integer;

    /// <summary>A boolean.</summary>
    public bool? Flag(string field) =>
        Any(field) is not { } value ? null
        : value.ValueKind is JsonValueKind.True or JsonValueKind.False ? value.GetBoolean()
        : LeaveOut<bool?>(field, value, "no boolean");

    /// <summary>Adds one token id or a list of them; those outside the vocabulary, which no model says, are left out.</summary>
    public void AddTokenIds(string field, int vocabularySize, ISet<int> ids)
    {
        if (Any(field) is not { } value)
        {
            return;
        }

        if (value.ValueKind != JsonValueKind.Array)
        {
            Add(value);
            return;
        }

        foreach (JsonElement item in value.EnumerateArray())
        {
            Add(item);
        }

        void Add(JsonElement item)
        {
            if (item.ValueKind == JsonValueKind.Number && item.TryGetInt32(out int id) && id >= 0 && id < vocabularySize)
            {
                ids.Add(id);
            }
            else
            {
                LeaveOut<int?>(field, item, $"no token of a vocabulary of {vocabularySize}");
            }
        }
    }

    private JsonElement? Any(string field) => root.TryGetProperty(field, out JsonElement value) && value.ValueKind != JsonValueKind.Null ? value : null;

    private T? LeaveOut<T>(string field, JsonElement value, string reason)
    {
        warnings.Add($"{file}: {field}: {JsonValues.Shown(value)} is {reason}; it is left out.");
        return default;
    }

    private float Replace(string field, JsonElement value, float nearest)
    {
        warnings.Add($"{file}: {field}: {JsonValues.Shown(value)} is beyond what requests may ask for; {Shown(nearest)} is the default.");
        return nearest;
    }

    private static string Shown(float value) => value.ToString(CultureInfo.InvariantCulture);
}
