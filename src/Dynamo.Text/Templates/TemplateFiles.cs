using System.Text;
using System.Text.Json;
using Dynamo.Protocol.Models;

namespace Dynamo.Text.Templates;

/// <summary>Finds templates and special tokens in a model folder.</summary>
internal static class TemplateFiles
{
    private const string JinjaFile = "chat_template.jinja";
    private const string ConfigFile = "tokenizer_config.json";
    private const string SpecialTokensFile = "special_tokens_map.json";

    /// <summary>Sources by name, each with the file it stands in.</summary>
    public static IEnumerable<KeyValuePair<string, (string File, string Source)>> Sources(ModelFolder folder, int maxBytes)
    {
        if (folder.Has(JinjaFile))
        {
            yield return new("default", (JinjaFile, Encoding.UTF8.GetString(folder.ReadBytes(JinjaFile, maxBytes)).TrimStart('\uFEFF')));
            yield break;
        }

        if (!folder.Has(ConfigFile))
        {
            yield break;
        }

        using JsonDocument config = folder.ReadJson(ConfigFile);
        if (!config.RootElement.TryGetProperty("chat_template", out JsonElement template) || template.ValueKind == JsonValueKind.Null)
        {
            yield break;
        }

        switch (template.ValueKind)
        {
            case JsonValueKind.String:
                yield return new("default", (ConfigFile, Text(template, "chat_template")));
                break;
            case JsonValueKind.Array:
                foreach (JsonElement entry in template.EnumerateArray())
                {
                    if (entry.ValueKind != JsonValueKind.Object || !entry.TryGetProperty("name", out JsonElement name) || !entry.TryGetProperty("template", out JsonElement source))
                    {
                        throw new ModelFolderException(ConfigFile, "chat_template", "must be a list of objects with name and template");
                    }

                    yield return new(Text(name, "chat_template.name"), (ConfigFile, Text(source, "chat_template.template")));
                }

                break;
            default:
                throw new ModelFolderException(ConfigFile, "chat_template", $"must be a string or a list, is {template.ValueKind}");
        }
    }

    /// <summary>bos_token, eos_token and the like, as text.</summary>
    public static IReadOnlyDictionary<string, string> SpecialTokens(ModelFolder folder)
    {
        Dictionary<string, string> tokens = new(StringComparer.Ordinal);
        foreach (string file in (string[])[SpecialTokensFile, ConfigFile])
        {
            if (!folder.Has(file))
            {
                continue;
            }

            using JsonDocument document = folder.ReadJson(file);
            foreach (JsonProperty property in document.RootElement.EnumerateObject())
            {
                string? text = TokenText(property, file);
                if (text is not null && property.Name.EndsWith("_token", StringComparison.Ordinal))
                {
                    tokens[property.Name] = text;
                }
            }
        }

        return tokens;
    }

    // A string, or an object that describes an added token.
    private static string? TokenText(JsonProperty property, string file)
    {
        JsonElement value = property.Value;
        if (value.ValueKind == JsonValueKind.Object)
        {
            value.TryGetProperty("content", out value);
        }

        try
        {
            _ = property.Name;
            return value.ValueKind == JsonValueKind.String ? value.GetString() : null;
        }
        catch (InvalidOperationException e)
        {
            throw new ModelFolderException(file, null, "holds half of a surrogate pair", e);
        }
    }

    private static string Text(JsonElement value, string field)
    {
        try
        {
            return value.ValueKind == JsonValueKind.String ? value.GetString()! : throw new ModelFolderException(ConfigFile, field, $"must be a string, is {value.ValueKind}");
        }
        catch (InvalidOperationException e)
        {
            throw new ModelFolderException(ConfigFile, field, "holds half of a surrogate pair", e);
        }
    }
}
