using System.Text.Json;
using Dynamo.Frontend.Errors;
using Dynamo.Frontend.Json;

namespace Dynamo.Frontend.Bodies;

/// <summary>Reads single JSON values of a request; what does not fit is an error that names the parameter and shows the value.</summary>
internal static class JsonValues
{
    private const int MaxShown = 60;

    // Above this a double no longer holds every integer.
    private const double MaxExactInteger = 1L << 53;

    public static string Text(JsonElement value, string path) => Expect(value, JsonValueKind.String, path, "a string").GetString()!;

    public static JsonElement Expect(JsonElement value, JsonValueKind kind, string path, string description) =>
        value.ValueKind == kind ? value : throw WrongType(value, path, description);

    /// <summary>An integer; 16.0 and 1e3 are integers too.</summary>
    public static long Integer(JsonElement value, string path, long low, long high)
    {
        Expect(value, JsonValueKind.Number, path, "an integer");
        if (!value.TryGetInt64(out long integer))
        {
            double real = value.GetDouble();
            if (real != Math.Floor(real) && double.IsFinite(real))
            {
                throw ApiException.BadParameter(path, $"'{path}' must be an integer, is {Shown(value)}.", "invalid_type");
            }

            if (!(Math.Abs(real) <= MaxExactInteger))
            {
                throw OutOfRange(value, path, low, high);
            }

            integer = (long)real;
        }

        return integer >= low && integer <= high ? integer : throw OutOfRange(value, path, low, high);
    }

    /// <summary>A number that a float can hold.</summary>
    public static float Number(JsonElement value, string path)
    {
        float number = (float)Expect(value, JsonValueKind.Number, path, "a number").GetDouble();
        return float.IsFinite(number) ? number : throw ApiException.BadParameter(path, $"'{path}' is {Shown(value)}, which is too large.", "invalid_value");
    }

    public static ApiException WrongType(JsonElement value, string path, string expected) => ApiException.WrongType(path, expected, Description(value));

    /// <summary>What a value is, for messages.</summary>
    public static string Description(JsonElement value) => value.ValueKind switch
    {
        JsonValueKind.Object => "an object",
        JsonValueKind.Array => "an array",
        JsonValueKind.String => "a string",
        JsonValueKind.Number => "a number",
        JsonValueKind.True or JsonValueKind.False => "a boolean",
        _ => "null",
    };

    /// <summary>The value as it was written, shortened.</summary>
    public static string Shown(JsonElement value) => Shortened.To(MaxShown, value.GetRawText());

    private static ApiException OutOfRange(JsonElement value, string path, long low, long high) => ApiException.BadParameter(
        path,
        low == long.MinValue ? $"'{path}' must be an integer of 64 bits, is {Shown(value)}."
            : high == long.MaxValue ? $"'{path}' must be an integer of 64 bits and at least {low}, is {Shown(value)}."
            : $"'{path}' must be {low} to {high}, is {Shown(value)}.",
        "invalid_value");
}
