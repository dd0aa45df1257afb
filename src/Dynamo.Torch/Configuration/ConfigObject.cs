using System.Text.Json;
using Dynamo.Protocol.Models;

namespace Dynamo.Torch.Configuration;

/// <summary>Typed, range-checked fields of one JSON object. Remembers what was asked for, so that the rest can be judged.</summary>
/// <remarks>A field that is null counts as missing, as in transformers.</remarks>
internal sealed class ConfigObject
{
    private const int MaxValueText = 60;

    private readonly string _prefix;
    private readonly Dictionary<string, JsonElement> _fields = new(StringComparer.Ordinal);
    private readonly HashSet<string> _read = new(StringComparer.Ordinal);

    /// <param name="file">Name for messages.</param>
    /// <param name="prefix">Path of the object in the file, empty or ending in a dot.</param>
    /// <param name="element">The object.</param>
    public ConfigObject(string file, string prefix, JsonElement element)
    {
        File = file;
        _prefix = prefix;
        try
        {
            foreach (JsonProperty property in element.EnumerateObject())
            {
                // Of a field that stands twice the last counts, as in Python.
                _fields[property.Name] = property.Value;
            }
        }
        catch (InvalidOperationException e)
        {
            throw new ModelFolderException(file, prefix.Length == 0 ? null : prefix.TrimEnd('.'), "a field name is not valid UTF-8", e);
        }
    }

    public string File { get; }

    /// <summary>Whether the field is there and not null.</summary>
    public bool Has(string name) => TryGet(name, out _);

    /// <summary>Whether the field is there and null, which some readers tell apart from missing.</summary>
    public bool IsNull(string name) => _fields.TryGetValue(name, out JsonElement value) && value.ValueKind == JsonValueKind.Null;

    /// <summary>An integer from <paramref name="min"/> to <paramref name="max"/>.</summary>
    public int? Int(string name, int min, int max)
    {
        if (!TryGet(name, out JsonElement value))
        {
            return null;
        }

        return value.ValueKind == JsonValueKind.Number && value.TryGetInt64(out long number) && number >= min && number <= max
            ? (int)number
            : throw Wrong(name, value, $"an integer from {min:N0} to {max:N0}");
    }

    /// <summary>A finite number from <paramref name="min"/> to <paramref name="max"/>.</summary>
    public double? Number(string name, double min, double max)
    {
        if (!TryGet(name, out JsonElement value))
        {
            return null;
        }

        return value.ValueKind == JsonValueKind.Number && value.TryGetDouble(out double number) && number >= min && number <= max
            ? number
            : throw Wrong(name, value, $"a number from {min} to {max}");
    }

    public bool? Bool(string name) => !TryGet(name, out JsonElement value) ? null
        : value.ValueKind is JsonValueKind.True or JsonValueKind.False ? value.GetBoolean()
        : throw Wrong(name, value, "true or false");

    public string? Text(string name) => !TryGet(name, out JsonElement value) ? null : TextOf(name, value);

    /// <summary>A list of at most <paramref name="maxCount"/> strings.</summary>
    public string[]? Texts(string name, int maxCount)
    {
        if (!TryGet(name, out JsonElement value))
        {
            return null;
        }

        return value.ValueKind == JsonValueKind.Array && value.GetArrayLength() <= maxCount
            ? [.. value.EnumerateArray().Select(item => TextOf(name, item))]
            : throw Wrong(name, value, $"a list of at most {maxCount:N0} strings");
    }

    /// <summary>A nested object, or <see langword="null"/> when it is missing or empty.</summary>
    public ConfigObject? Object(string name)
    {
        if (!TryGet(name, out JsonElement value))
        {
            return null;
        }

        return value.ValueKind != JsonValueKind.Object ? throw Wrong(name, value, "an object")
            : value.GetPropertyCount() == 0 ? null
            : new ConfigObject(File, $"{_prefix}{name}.", value);
    }

    /// <summary>Fields that nobody asked for and that are not null.</summary>
    public IEnumerable<(string Name, JsonElement Value)> Unread()
    {
        foreach ((string name, JsonElement value) in _fields)
        {
            if (value.ValueKind != JsonValueKind.Null && !_read.Contains(name))
            {
                yield return (name, value);
            }
        }
    }

    /// <summary>Says that a field has a value that is not allowed.</summary>
    public ModelFolderException Wrong(string name, string problem) => new(File, _prefix + name, problem);

    /// <summary>Says that a field must be something else than it is.</summary>
    public ModelFolderException Wrong(string name, JsonElement value, string expected) => Wrong(name, $"is {Show(value)}, must be {expected}");

    /// <summary>A value as it stands in the file, cut short.</summary>
    public static string Show(JsonElement value)
    {
        string raw = value.GetRawText();
        return raw.Length <= MaxValueText ? raw : $"{raw.AsSpan(0, MaxValueText)}…";
    }

    private bool TryGet(string name, out JsonElement value)
    {
        _ = _read.Add(name);
        return _fields.TryGetValue(name, out value) && value.ValueKind != JsonValueKind.Null;
    }

    private string TextOf(string name, JsonElement value)
    {
        if (value.ValueKind != JsonValueKind.String)
        {
            throw Wrong(name, value, "a string");
        }

        try
        {
            return value.GetString()!;
        }
        catch (InvalidOperationException e)
        {
            throw new ModelFolderException(File, _prefix + name, "is not valid UTF-8", e);
        }
    }
}
