using System.Text;
using System.Text.Json;
using Dynamo.Frontend.Bodies;
using Dynamo.Frontend.Errors;

namespace Dynamo.Frontend.Requests;

/// <summary>
/// Content as a list of parts. All of them are text in the end: OpenAI's <c>text</c> and <c>refusal</c>, the Responses API's <c>input_text</c>
/// and <c>output_text</c>, <c>thinking</c>, and bare strings, as vLLM takes them.
/// </summary>
internal static class ContentParts
{
    /// <summary>Checks a list.</summary>
    /// <exception cref="ApiException">A part is no text; names it.</exception>
    public static void Check(JsonElement parts, string path)
    {
        int i = 0;
        foreach (JsonElement item in parts.EnumerateArray())
        {
            string partPath = $"{path}[{i++}]";
            if (item.ValueKind == JsonValueKind.String)
            {
                continue;
            }

            JsonFields part = new(JsonValues.Expect(item, JsonValueKind.Object, partPath, "an object"), partPath + ".");
            string type = part.Text("type") ?? throw part.Missing("type");
            string field = FieldOf(type) ?? throw ApiException.Unsupported(part.PathOf("type"), "Content parts of this type are not supported; only text is.");
            if (part.Text(field) is null)
            {
                throw part.Missing(field);
            }
        }
    }

    /// <summary>Writes a checked list as templates know it: texts alone, without what clients add for servers (<c>cache_control</c>).</summary>
    public static void Write(Utf8JsonWriter json, JsonElement parts)
    {
        json.WriteStartArray();
        foreach (JsonElement part in parts.EnumerateArray())
        {
            WriteText(json, TextOf(part));
        }

        json.WriteEndArray();
    }

    /// <summary>Writes a text as the only part of a list.</summary>
    public static void Write(Utf8JsonWriter json, string text)
    {
        json.WriteStartArray();
        WriteText(json, text);
        json.WriteEndArray();
    }

    /// <summary>The text of a checked list, joined as vLLM joins it.</summary>
    public static string Join(JsonElement parts)
    {
        StringBuilder text = new();
        bool isFirst = true;
        foreach (JsonElement part in parts.EnumerateArray())
        {
            text.Append(isFirst ? "" : "\n").Append(TextOf(part));
            isFirst = false;
        }

        return text.ToString();
    }

    private static void WriteText(Utf8JsonWriter json, string text)
    {
        json.WriteStartObject();
        json.WriteString("type", "text");
        json.WriteString("text", text);
        json.WriteEndObject();
    }

    private static string TextOf(JsonElement part) =>
        part.ValueKind == JsonValueKind.String ? part.GetString()! : part.GetProperty(FieldOf(part.GetProperty("type").GetString()!)!).GetString()!;

    private static string? FieldOf(string type) => type switch
    {
        "text" or "input_text" or "output_text" => "text",
        "refusal" or "thinking" => type,
        _ => null,
    };
}
