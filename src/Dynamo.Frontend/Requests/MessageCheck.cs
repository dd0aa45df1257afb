using System.Text.Json;
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
        string role = message.Text("role") ?? throw message.Missing("role");
        if (role.Length == 0)
        {
            throw ApiException.BadParameter(message.PathOf("role"), $"'{message.PathOf("role")}' must not be empty.", "invalid_value");
        }

        message.Text("name");
        message.Text("tool_call_id");
        bool hasCalls = CheckToolCalls(message, out bool hasTextArguments);
        return (role == "developer" && !chat.KnowsDeveloper) | hasTextArguments | CheckContent(message, role, hasCalls, chat);
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
        int i = 0;
        foreach (JsonElement item in content.EnumerateArray())
        {
            string partPath = $"{path}[{i++}]";
            JsonFields part = new(JsonValues.Expect(item, JsonValueKind.Object, partPath, "an object"), partPath + ".");
            string type = part.Text("type") ?? throw part.Missing("type");
            if (type is not ("text" or "refusal"))
            {
                throw ApiException.Unsupported(part.PathOf("type"), $"Content parts of this type are not supported; only text is.");
            }

            if (part.Text(type) is null)
            {
                throw part.Missing(type);
            }
        }

        return !chat.AcceptsParts;
    }

    private static bool CheckToolCalls(JsonFields message, out bool hasTextArguments)
    {
        hasTextArguments = false;
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

            hasTextArguments |= function.Any("arguments") is { ValueKind: JsonValueKind.String };
        }

        return i > 0;
    }
}
