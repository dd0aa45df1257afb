using System.Text.Json;
using Dynamo.Frontend.Bodies;
using Dynamo.Frontend.Errors;
using Dynamo.Frontend.Json;
using Dynamo.Frontend.Models;

namespace Dynamo.Frontend.Requests;

/// <summary>Checks one message of a chat.</summary>
internal static class MessageCheck
{
    /// <summary>Checks a message.</summary>
    /// <returns>Whether it must be rewritten for the template.</returns>
    /// <exception cref="ApiException">It is not as it must be.</exception>
    public static bool Check(JsonFields message, ChatPrompt chat)
    {
        string role = CheckRole(message, chat);
        message.Text("name");
        message.Text("tool_call_id");
        message.Text("reasoning");
        message.Text("reasoning_content");
        message.Text("refusal");
        if (message.Object("audio") is not null)
        {
            throw ApiException.Unsupported(message.PathOf("audio"), "Spoken answers are not supported, so none can be part of a conversation.");
        }

        bool hasCalls = CheckToolCalls(message) | CheckFunctionCall(message);
        bool mustRewrite = CheckContent(message, role, hasCalls, chat) | (role == "developer" && !chat.KnowsDeveloper);
        foreach (JsonProperty property in message.Element.EnumerateObject())
        {
            mustRewrite |= property.Value.ValueKind == JsonValueKind.Null || MessageWriter.Rewrites(property);
        }

        return mustRewrite;
    }

    private static string CheckRole(JsonFields message, ChatPrompt chat)
    {
        string path = message.PathOf("role");
        string role = message.Text("role") ?? throw message.Missing("role");
        return role.Length == 0 ? throw ApiException.BadParameter(path, $"'{path}' must not be empty.", "invalid_value")
            : chat.Knows(role) ? role
            : throw ApiException.BadParameter(
                path, $"'{path}' is '{Shortened.To(60, role)}', which the model's chat template does not know; roles are system, developer, user, assistant and tool.", "invalid_value");
    }

    private static bool CheckContent(JsonFields message, string role, bool hasCalls, ChatPrompt chat)
    {
        if (message.Any("content") is not { } content)
        {
            return role == "assistant" || hasCalls ? true : throw message.Missing("content");
        }

        if (content.ValueKind == JsonValueKind.String)
        {
            return !chat.AcceptsText;
        }

        string path = message.PathOf("content");
        JsonValues.Expect(content, JsonValueKind.Array, path, "a string or an array of content parts");
        ContentParts.Check(content, path);
        return true;
    }

    private static bool CheckToolCalls(JsonFields message)
    {
        if (message.Array("tool_calls") is not { } calls)
        {
            return false;
        }

        int i = 0;
        foreach (JsonElement item in calls.EnumerateArray())
        {
            string path = $"{message.PathOf("tool_calls")}[{i++}]";
            JsonFields call = new(JsonValues.Expect(item, JsonValueKind.Object, path, "an object"), path + ".");
            JsonFields function = call.Fields("function") ?? throw call.Missing("function");
            if (function.Text("name") is null)
            {
                throw function.Missing("name");
            }
        }

        return i > 0;
    }

    private static bool CheckFunctionCall(JsonFields message) => message.Fields("function_call") is { } call && (call.Text("name") is not null ? true : throw call.Missing("name"));
}
