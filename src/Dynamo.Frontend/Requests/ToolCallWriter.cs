using System.Text.Json;
using Dynamo.Frontend.Errors;

namespace Dynamo.Frontend.Requests;

/// <summary>Writes checked tool calls of an earlier answer as chat templates expect them: of type <c>function</c>, with arguments that are an object.</summary>
internal static class ToolCallWriter
{
    /// <summary>Writes <c>tool_calls</c>.</summary>
    /// <param name="json">Where to; inside a message.</param>
    /// <param name="calls">The calls of a message.</param>
    /// <param name="path">Where they stand.</param>
    /// <exception cref="ApiException">Arguments are not JSON.</exception>
    public static void WriteCalls(Utf8JsonWriter json, JsonElement calls, string path)
    {
        json.WriteStartArray("tool_calls");
        int i = 0;
        foreach (JsonElement call in calls.EnumerateArray())
        {
            WriteCall(json, call, $"{path}[{i++}]");
        }

        json.WriteEndArray();
    }

    /// <summary>Writes <c>function_call</c>, what OpenAI had before tools, as the tool call that it is.</summary>
    /// <param name="json">Where to; inside a message.</param>
    /// <param name="function">The call of a message.</param>
    /// <param name="path">Where it stands.</param>
    /// <exception cref="ApiException">Arguments are not JSON.</exception>
    public static void WriteOlder(Utf8JsonWriter json, JsonElement function, string path)
    {
        json.WriteStartArray("tool_calls");
        json.WriteStartObject();
        json.WriteString("type", "function");
        WriteFunction(json, function, path);
        json.WriteEndObject();
        json.WriteEndArray();
    }

    private static void WriteCall(Utf8JsonWriter json, JsonElement call, string path)
    {
        bool hasType = false;
        json.WriteStartObject();
        foreach (JsonProperty property in call.EnumerateObject())
        {
            if (property.NameEquals("function"))
            {
                WriteFunction(json, property.Value, $"{path}.function");
            }
            else if (property.Value.ValueKind != JsonValueKind.Null)
            {
                hasType |= property.NameEquals("type");
                property.WriteTo(json);
            }
        }

        if (!hasType)
        {
            json.WriteString("type", "function");
        }

        json.WriteEndObject();
    }

    private static void WriteFunction(Utf8JsonWriter json, JsonElement function, string path)
    {
        bool hasArguments = false;
        json.WriteStartObject("function");
        foreach (JsonProperty property in function.EnumerateObject())
        {
            if (property.Value.ValueKind == JsonValueKind.Null)
            {
                continue;
            }

            if (property.NameEquals("arguments"))
            {
                hasArguments = true;
                json.WritePropertyName("arguments");
                WriteArguments(json, property.Value, $"{path}.arguments");
            }
            else
            {
                property.WriteTo(json);
            }
        }

        if (!hasArguments)
        {
            json.WriteStartObject("arguments");
            json.WriteEndObject();
        }

        json.WriteEndObject();
    }

    private static void WriteArguments(Utf8JsonWriter json, JsonElement arguments, string path)
    {
        if (arguments.ValueKind is JsonValueKind.Object or JsonValueKind.Array)
        {
            arguments.WriteTo(json);
            return;
        }

        string text = arguments.ValueKind == JsonValueKind.String ? arguments.GetString()! : throw NotJson(path);
        if (string.IsNullOrWhiteSpace(text))
        {
            json.WriteStartObject();
            json.WriteEndObject();
            return;
        }

        try
        {
            using JsonDocument document = JsonDocument.Parse(text);
            document.RootElement.WriteTo(json);
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException)
        {
            throw NotJson(path);
        }
    }

    private static ApiException NotJson(string path) =>
        ApiException.BadParameter(path, $"'{path}' must be JSON in a string, as in the tool call it came with.", "invalid_value");
}
