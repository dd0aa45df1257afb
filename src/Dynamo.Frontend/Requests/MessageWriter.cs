using System.Text;
using System.Text.Json;
using Dynamo.Frontend.Errors;
using Dynamo.Frontend.Models;

namespace Dynamo.Frontend.Requests;

/// <summary>
/// Writes a checked message as chat templates expect it: content in the form that the template takes, arguments of tool calls as objects
/// instead of JSON in a string, the role <c>developer</c> as <c>system</c> where the template does not know it.
/// </summary>
internal static class MessageWriter
{
    /// <summary>Writes one message.</summary>
    /// <exception cref="ApiException">The arguments of a tool call are not JSON.</exception>
    public static void Write(Utf8JsonWriter json, JsonElement message, string path, ChatPrompt chat)
    {
        bool hasContent = false;
        json.WriteStartObject();
        foreach (JsonProperty property in message.EnumerateObject())
        {
            if (property.NameEquals("role"))
            {
                json.WriteString("role", property.Value.ValueEquals("developer") && !chat.KnowsDeveloper ? "system" : property.Value.GetString());
            }
            else if (property.NameEquals("content"))
            {
                hasContent = true;
                json.WritePropertyName("content");
                WriteContent(json, property.Value, chat);
            }
            else if (property.NameEquals("tool_calls") && property.Value.ValueKind == JsonValueKind.Array)
            {
                json.WritePropertyName("tool_calls");
                WriteToolCalls(json, property.Value, $"{path}.tool_calls");
            }
            else
            {
                property.WriteTo(json);
            }
        }

        if (!hasContent)
        {
            json.WriteString("content", "");
        }

        json.WriteEndObject();
    }

    private static void WriteContent(Utf8JsonWriter json, JsonElement content, ChatPrompt chat)
    {
        if (content.ValueKind == JsonValueKind.Array ? chat.AcceptsParts : content.ValueKind == JsonValueKind.String && chat.AcceptsText)
        {
            content.WriteTo(json);
            return;
        }

        string text = content.ValueKind == JsonValueKind.Array ? Joined(content) : content.GetString() ?? "";
        if (chat.AcceptsText)
        {
            json.WriteStringValue(text);
            return;
        }

        json.WriteStartArray();
        json.WriteStartObject();
        json.WriteString("type", "text");
        json.WriteString("text", text);
        json.WriteEndObject();
        json.WriteEndArray();
    }

    // As vLLM joins them.
    private static string Joined(JsonElement parts)
    {
        StringBuilder text = new();
        foreach (JsonElement part in parts.EnumerateArray())
        {
            text.Append(text.Length > 0 ? "\n" : "").Append(part.GetProperty(part.GetProperty("type").GetString()!).GetString());
        }

        return text.ToString();
    }

    private static void WriteToolCalls(Utf8JsonWriter json, JsonElement calls, string path)
    {
        json.WriteStartArray();
        int i = 0;
        foreach (JsonElement call in calls.EnumerateArray())
        {
            json.WriteStartObject();
            foreach (JsonProperty property in call.EnumerateObject())
            {
                if (property.NameEquals("function"))
                {
                    json.WritePropertyName("function");
                    WriteFunction(json, property.Value, $"{path}[{i}].function");
                }
                else
                {
                    property.WriteTo(json);
                }
            }

            json.WriteEndObject();
            i++;
        }

        json.WriteEndArray();
    }

    private static void WriteFunction(Utf8JsonWriter json, JsonElement function, string path)
    {
        json.WriteStartObject();
        foreach (JsonProperty property in function.EnumerateObject())
        {
            if (property.NameEquals("arguments") && property.Value.ValueKind == JsonValueKind.String)
            {
                json.WritePropertyName("arguments");
                WriteArguments(json, property.Value.GetString()!, $"{path}.arguments");
            }
            else
            {
                property.WriteTo(json);
            }
        }

        json.WriteEndObject();
    }

    private static void WriteArguments(Utf8JsonWriter json, string arguments, string path)
    {
        if (string.IsNullOrWhiteSpace(arguments))
        {
            json.WriteStartObject();
            json.WriteEndObject();
            return;
        }

        try
        {
            using JsonDocument document = JsonDocument.Parse(arguments);
            document.RootElement.WriteTo(json);
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException)
        {
            throw ApiException.BadParameter(path, $"'{path}' must be JSON in a string, as in the tool call it came with.", "invalid_value");
        }
    }
}
