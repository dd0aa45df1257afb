using System.CommandLine;
using System.Text.Json;

namespace Dynamo.Cli.Settings;

/// <summary>
/// A file with flags: an object whose names are flags without their dashes (<c>_</c> does for <c>-</c>), with sections by command for what only one of them is
/// to have. Where it has an object <c>Dynamo</c>, as an appsettings.json may, only that counts.
/// </summary>
internal sealed class ConfigFile
{
    /// <summary>The flag that names one.</summary>
    public const string Flag = "--config";

    private const string Section = "Dynamo";
    private const long MaxBytes = 1 << 20;

    private static readonly JsonDocumentOptions Lenient = new() { AllowTrailingCommas = true, CommentHandling = JsonCommentHandling.Skip };

    private ConfigFile(string path) => Path = path;

    /// <summary>Where it is, as given.</summary>
    public string Path { get; }

    /// <summary>Values for every command, by flag with its dashes.</summary>
    public Dictionary<string, string[]> Common { get; } = new(StringComparer.Ordinal);

    /// <summary>Values for one command, by its name.</summary>
    public Dictionary<string, Dictionary<string, string[]>> Sections { get; } = new(StringComparer.Ordinal);

    /// <summary>Creates the flag, which every command that runs a process has.</summary>
    public static Option<string[]> CreateFlag() => new(Flag)
    {
        Description = "JSON file with flags, without their dashes: {\"max-num-seqs\": 64, \"frontend\": {\"http-port\": 8001}}. The command line wins over the environment "
            + "(DYN_MAX_NUM_SEQS), and that over the file; of several files the last wins.",
        AllowMultipleArgumentsPerToken = false,
    };

    /// <summary>Reads one.</summary>
    /// <param name="path">Where it is.</param>
    /// <param name="faults">Gets everything that is wrong.</param>
    public static ConfigFile Read(string path, List<string> faults)
    {
        ConfigFile file = new(path);
        try
        {
            if (new FileInfo(path).Length > MaxBytes)
            {
                faults.Add($"{Flag} {path}: a file of flags has at most {MaxBytes} bytes.");
                return file;
            }

            using JsonDocument document = JsonDocument.Parse(File.ReadAllBytes(path), Lenient);
            JsonElement root = document.RootElement;
            if (root.ValueKind != JsonValueKind.Object)
            {
                faults.Add($"{Flag} {path}: an object of flags is expected, as {{\"max-num-seqs\": 64}}.");
                return file;
            }

            file.Take(root.TryGetProperty(Section, out JsonElement inner) && inner.ValueKind == JsonValueKind.Object ? inner : root, faults);
        }
        catch (JsonException e)
        {
            faults.Add($"{Flag} {path} is no JSON: {e.Message}");
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            faults.Add($"{Flag} cannot be read: {e.Message}");
        }

        return file;
    }

    private static string FlagOf(string name) => "--" + name.TrimStart('-').Replace('_', '-').ToLowerInvariant();

    private void Take(JsonElement root, List<string> faults)
    {
        foreach (JsonProperty property in root.EnumerateObject())
        {
            if (property.Value.ValueKind != JsonValueKind.Object)
            {
                Take(property, Common, faults);
                continue;
            }

            Dictionary<string, string[]> section = Sections[property.Name] = new Dictionary<string, string[]>(StringComparer.Ordinal);
            foreach (JsonProperty flag in property.Value.EnumerateObject())
            {
                Take(flag, section, faults);
            }
        }
    }

    private void Take(JsonProperty property, Dictionary<string, string[]> flags, List<string> faults)
    {
        string[]? values = property.Value.ValueKind switch
        {
            JsonValueKind.Null => [],
            JsonValueKind.Array => [.. property.Value.EnumerateArray().Select(Text).OfType<string>()],
            _ => Text(property.Value) is { } text ? [text] : null,
        };
        if (values is null || (property.Value.ValueKind == JsonValueKind.Array && values.Length != property.Value.GetArrayLength()))
        {
            faults.Add($"{Flag} {Path}: '{property.Name}' must be a text, a number, true, false, or an array of them.");
        }
        else if (values.Length > 0)
        {
            flags[FlagOf(property.Name)] = values;
        }
    }

    private static string? Text(JsonElement value) => value.ValueKind switch
    {
        JsonValueKind.String => value.GetString(),
        JsonValueKind.Number => value.GetRawText(),
        JsonValueKind.True => "true",
        JsonValueKind.False => "false",
        _ => null,
    };
}
