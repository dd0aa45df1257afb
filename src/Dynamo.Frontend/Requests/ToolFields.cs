using System.Text.Json;
using Dynamo.Frontend.Errors;
using Dynamo.Frontend.Json;

namespace Dynamo.Frontend.Requests;

/// <summary>
/// Reads <c>tools</c> and <c>tool_choice</c>. Tools go to the chat template; what the model answers stays plain content, so a choice that
/// must be enforced is refused. With <c>none</c> the template sees no tools, so that the model calls none.
/// </summary>
internal static class ToolFields
{
    /// <summary>Tools that the template is to show, or <see langword="null"/>.</summary>
    /// <exception cref="ApiException">A tool is not as OpenAI describes it, or the choice is not supported.</exception>
    public static JsonElement? Read(JsonFields body)
    {
        bool hidden = IsNone(body);
        if (body.Array("tools") is not { } tools || tools.GetArrayLength() == 0)
        {
            return null;
        }

        int i = 0;
        foreach (JsonElement item in tools.EnumerateArray())
        {
            string path = $"tools[{i++}]";
            JsonFields tool = new(JsonValues.Expect(item, JsonValueKind.Object, path, "an object"), path + ".");
            if ((tool.Text("type") ?? throw tool.Missing("type")) != "function")
            {
                throw ApiException.Unsupported(tool.PathOf("type"), "Only tools of type 'function' are supported.");
            }

            JsonFields function = tool.Fields("function") ?? throw tool.Missing("function");
            if (string.IsNullOrEmpty(function.Text("name")))
            {
                throw function.Missing("name");
            }

            function.Text("description");
            function.Object("parameters");
        }

        return hidden ? null : tools;
    }

    private static bool IsNone(JsonFields body)
    {
        if (body.Any("tool_choice") is not { } choice)
        {
            return false;
        }

        if (choice.ValueKind == JsonValueKind.String)
        {
            return choice.GetString() switch
            {
                "none" => true,
                "auto" => false,
                "required" => throw Unsupported(),
                _ => throw ApiException.BadParameter("tool_choice", $"'tool_choice' must be none or auto, is {JsonValues.Shown(choice)}.", "invalid_value"),
            };
        }

        JsonValues.Expect(choice, JsonValueKind.Object, "tool_choice", "a string or an object");
        throw Unsupported();
    }

    private static ApiException Unsupported() => ApiException.Unsupported("tool_choice", "'tool_choice' other than none and auto is not supported.");
}
