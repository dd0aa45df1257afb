using System.Globalization;
using System.Text.Json;
using Dynamo.Frontend.Errors;
using Dynamo.Frontend.Json;

namespace Dynamo.Frontend.Bodies;

/// <summary>
/// Reads the fields of one JSON object of a request. A field that is <c>null</c> counts as absent; one of the wrong type is an error that
/// names its path.
/// </summary>
/// <param name="json">The object.</param>
/// <param name="path">Its path in the request with a final dot, or nothing for the request itself.</param>
internal readonly struct JsonFields(JsonElement json, string path = "")
{
    /// <summary>The object.</summary>
    public JsonElement Element { get; } = json;

    /// <summary>Path of a field.</summary>
    public string PathOf(string name) => path + name;

    /// <summary>The error for a field that must be there.</summary>
    public ApiException Missing(string name) => ApiException.BadParameter(PathOf(name), $"'{PathOf(name)}' is missing.", "missing_required_parameter");

    /// <summary>Any value.</summary>
    public JsonElement? Any(string name) =>
        Element.TryGetProperty(name, out JsonElement value) && value.ValueKind != JsonValueKind.Null ? value : null;

    /// <summary>A string.</summary>
    public string? Text(string name) => Any(name) is { } value ? JsonValues.Text(value, PathOf(name)) : null;

    /// <summary>A boolean.</summary>
    public bool? Flag(string name) => Any(name) is { } value
        ? value.ValueKind is JsonValueKind.True or JsonValueKind.False ? value.GetBoolean() : throw JsonValues.WrongType(value, PathOf(name), "a boolean")
        : null;

    /// <summary>An integer within limits.</summary>
    public int? Integer(string name, int low, int high = int.MaxValue) =>
        Any(name) is { } value ? (int)JsonValues.Integer(value, PathOf(name), low, high) : null;

    /// <summary>Any integer of 64 bits.</summary>
    public long? Long(string name) => Any(name) is { } value ? JsonValues.Integer(value, PathOf(name), long.MinValue, long.MaxValue) : null;

    /// <summary>A finite number.</summary>
    public float? Number(string name) => Any(name) is { } value ? JsonValues.Number(value, PathOf(name)) : null;

    /// <summary>A number of 64 bits from 0 to <paramref name="high"/>.</summary>
    public double? Real(string name, double high)
    {
        if (Any(name) is not { } value)
        {
            return null;
        }

        double number = JsonValues.Expect(value, JsonValueKind.Number, PathOf(name), "a number").GetDouble();
        return number >= 0 && number <= high
            ? number
            : throw ApiException.BadParameter(
                PathOf(name),
                high < double.MaxValue
                    ? string.Create(CultureInfo.InvariantCulture, $"'{PathOf(name)}' must be 0 to {high}, is {JsonValues.Shown(value)}.")
                    : $"'{PathOf(name)}' must be at least 0 and finite, is {JsonValues.Shown(value)}.",
                "invalid_value");
    }

    /// <summary>Refuses fields of other names: for objects of which a field without effect would go unnoticed.</summary>
    public void RefuseOthers(ReadOnlySpan<string> known)
    {
        foreach (JsonProperty field in Element.EnumerateObject())
        {
            if (field.Value.ValueKind != JsonValueKind.Null && !known.Contains(field.Name))
            {
                string name = PathOf(Shortened.To(60, field.Name));
                string hint = NearName.Of(field.Name, known) is { } near ? $"did you mean '{PathOf(near)}'?" : $"known are {string.Join(", ", known)}.";
                throw ApiException.Unsupported(name, $"'{name}' is not known here; {hint}");
            }
        }
    }

    /// <summary>An object.</summary>
    public JsonElement? Object(string name) => Any(name) is { } value ? JsonValues.Expect(value, JsonValueKind.Object, PathOf(name), "an object") : null;

    /// <summary>An array.</summary>
    public JsonElement? Array(string name) => Any(name) is { } value ? JsonValues.Expect(value, JsonValueKind.Array, PathOf(name), "an array") : null;

    /// <summary>Fields of an object.</summary>
    public JsonFields? Fields(string name) => Object(name) is { } value ? new JsonFields(value, PathOf(name) + ".") : null;
}
