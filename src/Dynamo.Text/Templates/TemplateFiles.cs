using System.Text;
using System.Text.Json;
using Dynamo.Protocol.Models;

namespace Dynamo.Text.Templates;

/// <summary>Finds templates and special tokens in a model folder.</summary>
internal static class TemplateFiles
{
    private const string DefaultName = "default";
    private const string ConfigFile = "tokenizer_config.json";
    private const string ProcessorFile = "chat_template.json";
    private const string Field = "chat_template";
    private const string SpecialTokensFile = "special_tokens_map.json";

    /// <summary>
    /// Sources by name, each with the file it stands in. As in transformers, template files win over the field of tokenizer_config.json, and
    /// chat_template.json, which is a processor's, is looked at last.
    /// </summary>
    public static IEnumerable<KeyValuePair<string, (string File, string Source)>> Sources(ModelFolder folder, int maxBytes)
    {
        bool hasFiles = false;
        foreach (string file in ModelTemplates.Files(folder))
        {
            hasFiles = true;
            string source = Encoding.UTF8.GetString(folder.ReadBytes(file, maxBytes)).TrimStart('\uFEFF');
            yield return new(file == ModelTemplates.DefaultFile ? DefaultName : ModelTemplates.NameOf(file), (file, source));
        }

        if (hasFiles)
        {
            yield break;
        }

        foreach (string file in (string[])[ConfigFile, ProcessorFile])
        {
            List<KeyValuePair<string, (string, string)>> found = folder.Has(file) ? InJson(folder, file) : [];
            if (found.Count > 0)
            {
                foreach (KeyValuePair<string, (string, string)> source in found)
                {
                    yield return source;
                }

                yield break;
            }
        }
    }

    // A template, or several by name: as a list of pairs, or, in a processor's file, as an object.
    private static List<KeyValuePair<string, (string File, string Source)>> InJson(ModelFolder folder, string file)
    {
        List<KeyValuePair<string, (string, string)>> found = [];
        using JsonDocument config = folder.ReadJson(file);
        if (!config.RootElement.TryGetProperty(Field, out JsonElement template) || template.ValueKind == JsonValueKind.Null)
        {
            return found;
        }

        switch (template.ValueKind)
        {
            case JsonValueKind.String:
                Add(DefaultName, template, Field);
                break;
            case JsonValueKind.Array:
                foreach (JsonElement entry in template.EnumerateArray())
                {
                    if (entry.ValueKind != JsonValueKind.Object || !entry.TryGetProperty("name", out JsonElement title) || !entry.TryGetProperty("template", out JsonElement source))
                    {
                        throw new ModelFolderException(file, Field, "must be a list of objects with name and template");
                    }

                    Add(Text(title, file, "chat_template.name"), source, "chat_template.template");
                }

                break;
            case JsonValueKind.Object:
                foreach (JsonProperty entry in template.EnumerateObject())
                {
                    string name = NameOf(entry, file);
                    Add(name, entry.Value, $"{Field}.{name}");
                }

                break;
            default:
                throw new ModelFolderException(file, Field, $"must be a string or a list, is {template.ValueKind}");
        }

        return found;

        void Add(string name, JsonElement source, string field) => found.Add(new(name, (file, Text(source, file, field))));
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

    private static string NameOf(JsonProperty property, string file)
    {
        try
        {
            return property.Name;
        }
        catch (InvalidOperationException e)
        {
            throw new ModelFolderException(file, Field, "holds half of a surrogate pair", e);
        }
    }

    private static string Text(JsonElement value, string file, string field)
    {
        try
        {
            return value.ValueKind == JsonValueKind.String ? value.GetString()! : throw new ModelFolderException(file, field, $"must be a string, is {value.ValueKind}");
        }
        catch (InvalidOperationException e)
        {
            throw new ModelFolderException(file, field, "holds half of a surrogate pair", e);
        }
    }
}
