using System.Text.Json;
using Dynamo.Frontend.Errors;
using Dynamo.Frontend.Models;

namespace Dynamo.Frontend.Requests;

/// <summary>
/// Writes a checked message as chat templates expect it, which vLLM's typed messages come to: what is null or says nothing is not there (templates
/// ask whether a field is), content has the form that the template takes, arguments of tool calls are objects instead of JSON in a string, and
/// the role <c>developer</c> is <c>system</c> where the template does not know it.
/// </summary>
internal static class MessageWriter
{
    // Of no use to a template where they are empty.
    private static readonly string[] Optional = ["name", "tool_call_id", "tool_calls"];

    // Written in a form of their own, or parts of OpenAI's answers that say nothing more to the model.
    private static readonly string[] Special = ["role", "content", "tool_calls", "function_call", "reasoning", "reasoning_content", "refusal", "annotations", "audio"];

    /// <summary>Whether this field, which is not null, would be written otherwise than it stands in the request; content and role aside.</summary>
    public static bool Rewrites(JsonProperty property) =>
        (Has(Special, property) && !property.NameEquals("role") && !property.NameEquals("content")) || (Has(Optional, property) && IsEmpty(property.Value));

    /// <summary>Writes one message.</summary>
    /// <exception cref="ApiException">The arguments of a tool call are not JSON.</exception>
    public static void Write(Utf8JsonWriter json, JsonElement message, string path, ChatPrompt chat)
    {
        string role = message.GetProperty("role").GetString()!;
        json.WriteStartObject();
        json.WriteString("role", role == "developer" && !chat.KnowsDeveloper ? "system" : role);
        json.WritePropertyName("content");
        WriteContent(json, Given(message, "content") ?? Given(message, "refusal"), role, chat);
        if ((Given(message, "reasoning") ?? Given(message, "reasoning_content")) is { } reasoning)
        {
            // Templates know it under either name.
            json.WriteString("reasoning", reasoning.GetString());
            json.WriteString("reasoning_content", reasoning.GetString());
        }

        if (Given(message, "tool_calls") is { } calls)
        {
            ToolCallWriter.WriteCalls(json, calls, $"{path}.tool_calls");
        }
        else if (Given(message, "function_call") is { } call)
        {
            ToolCallWriter.WriteOlder(json, call, $"{path}.function_call");
        }

        foreach (JsonProperty property in message.EnumerateObject())
        {
            if (property.Value.ValueKind != JsonValueKind.Null && !Has(Special, property) && !Rewrites(property))
            {
                property.WriteTo(json);
            }
        }

        json.WriteEndObject();
    }

    // A value that says something.
    private static JsonElement? Given(JsonElement message, string name) => message.TryGetProperty(name, out JsonElement value) && !IsEmpty(value) ? value : null;

    private static bool IsEmpty(JsonElement value) => value.ValueKind switch
    {
        JsonValueKind.Null => true,
        JsonValueKind.String => value.ValueEquals(""),
        JsonValueKind.Array => value.GetArrayLength() == 0,
        _ => false,
    };

    private static bool Has(string[] names, JsonProperty property)
    {
        foreach (string name in names)
        {
            if (property.NameEquals(name))
            {
                return true;
            }
        }

        return false;
    }

    private static void WriteContent(Utf8JsonWriter json, JsonElement? content, string role, ChatPrompt chat)
    {
        // What a tool said is text for nearly every template, whatever else takes parts.
        if (content is { ValueKind: JsonValueKind.Array } parts && chat.AcceptsParts && !(role == "tool" && chat.AcceptsText))
        {
            ContentParts.Write(json, parts);
            return;
        }

        string text = content is not { } given ? "" : given.ValueKind == JsonValueKind.Array ? ContentParts.Join(given) : given.GetString()!;
        if (chat.AcceptsText)
        {
            json.WriteStringValue(text);
        }
        else
        {
            ContentParts.Write(json, text);
        }
    }
}
