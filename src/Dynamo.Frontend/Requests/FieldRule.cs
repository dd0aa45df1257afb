using System.Globalization;
using System.Text.Json;
using Dynamo.Frontend.Bodies;
using Dynamo.Frontend.Errors;

namespace Dynamo.Frontend.Requests;

/// <summary>What is done with a field that is known and not acted on. Immutable and thread-safe.</summary>
internal sealed class FieldRule
{
    /// <summary>A string without effect on the answer.</summary>
    public static readonly FieldRule IgnoredText = new(JsonValueKind.String, "a string");

    /// <summary>A number without effect on the answer.</summary>
    public static readonly FieldRule IgnoredNumber = new(JsonValueKind.Number, "a number");

    /// <summary>An object without effect on the answer.</summary>
    public static readonly FieldRule IgnoredObject = new(JsonValueKind.Object, "an object");

    /// <summary>A boolean without effect on the answer.</summary>
    public static readonly FieldRule IgnoredFlag = new(JsonValueKind.True, "a boolean");

    /// <summary>A boolean that must be false.</summary>
    public static readonly FieldRule UnsupportedFlag = new(JsonValueKind.True, "a boolean", refuses: true);

    /// <summary>A value that must be false or empty.</summary>
    public static readonly FieldRule Unsupported = new(JsonValueKind.Undefined, "anything", refuses: true);

    private readonly JsonValueKind _kind;
    private readonly string _description;
    private readonly bool _refuses;
    private readonly double? _neutral;
    private readonly string[] _neutralTexts;

    private FieldRule(JsonValueKind kind, string description, bool refuses = false, double? neutral = null, params string[] neutralTexts) =>
        (_kind, _description, _refuses, _neutral, _neutralTexts) = (kind, description, refuses, neutral, neutralTexts);

    /// <summary>A number that must be the one that changes nothing.</summary>
    public static FieldRule UnsupportedBut(double neutral) => new(JsonValueKind.Number, "a number", refuses: true, neutral);

    /// <summary>A value that must be one of these strings, which change nothing, or empty.</summary>
    public static FieldRule UnsupportedBut(params string[] neutral) => new(JsonValueKind.Undefined, "anything", refuses: true, null, neutral);

    /// <summary>Checks a value that is not null.</summary>
    /// <param name="path">Where it stands.</param>
    /// <param name="value">The value.</param>
    /// <exception cref="ApiException">It is of the wrong type, or asks for what is not supported.</exception>
    public void Check(string path, JsonElement value)
    {
        JsonValueKind kind = value.ValueKind == JsonValueKind.False ? JsonValueKind.True : value.ValueKind;
        if (_kind != JsonValueKind.Undefined && kind != _kind)
        {
            throw JsonValues.WrongType(value, path, _description);
        }

        if (_refuses && !AsksForNothing(value))
        {
            string but = _neutral is { } neutral ? string.Create(CultureInfo.InvariantCulture, $" other than {neutral}") : "";
            throw ApiException.Unsupported(path, $"'{path}'{but} is not supported.");
        }
    }

    private bool AsksForNothing(JsonElement value) => value.ValueKind switch
    {
        JsonValueKind.Array => value.GetArrayLength() == 0,
        JsonValueKind.Object => value.GetPropertyCount() == 0,
        JsonValueKind.String => value.ValueEquals("") || Array.Exists(_neutralTexts, text => value.ValueEquals(text)),
        JsonValueKind.Number => value.GetDouble() == _neutral,
        JsonValueKind.False => true,
        _ => false,
    };
}
