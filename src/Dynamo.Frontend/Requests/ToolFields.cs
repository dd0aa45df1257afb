using System.Buffers;
using System.Text.Json;
using Dynamo.Frontend.Bodies;
using Dynamo.Frontend.Errors;
using Dynamo.Frontend.Json;

namespace Dynamo.Frontend.Requests;

/// <summary>
/// Reads <c>tools</c> and <c>tool_choice</c>. Tools go to the chat template; what the model answers stays plain content, so a choice that
/// must be enforced is refused. With <c>none</c> the template sees no tools, so that the model calls none. Templates look into
/// <c>parameters</c> without asking whether they are there, so a function without any has an empty list of them, which is what OpenAI says it means.
/// </summary>
internal static class ToolFields
{
    /// <summary>Deepest nesting of a function's parameters.</summary>
    public const int MaxSchemaDepth = 64;

    /// <summary>Tools that the template is to show, or <see langword="null"/>.</summary>
    /// <exception cref="ApiException">A tool is not as OpenAI describes it, or the choice is not supported.</exception>
    public static JsonElement? Read(JsonFields body)
    {
        bool hidden = IsNone(body);
        if (body.Array("tools") is not { } tools || tools.GetArrayLength() == 0)
        {
            return null;
        }

        bool mustRewrite = false;
        int i = 0;
        foreach (JsonElement item in tools.EnumerateArray())
        {
            string path = $"tools[{i++}]";
            mustRewrite |= Check(new JsonFields(JsonValues.Expect(item, JsonValueKind.Object, path, "an object"), path + "."));
        }

        return hidden ? null : mustRewrite ? Rewritten(tools) : tools;
    }

    // Says whether it must be rewritten.
    private static bool Check(JsonFields tool)
    {
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
        if (function.Object("parameters") is { } parameters && JsonDepth.IsOver(parameters, MaxSchemaDepth))
        {
            throw ApiException.BadParameter(
                function.PathOf("parameters"), $"'{function.PathOf("parameters")}' is nested more than {MaxSchemaDepth} levels deep.", "invalid_value");
        }

        return function.Object("parameters") is null || HasNull(tool.Element) || HasNull(function.Element);
    }

    private static bool HasNull(JsonElement map)
    {
        foreach (JsonProperty property in map.EnumerateObject())
        {
            if (property.Value.ValueKind == JsonValueKind.Null)
            {
                return true;
            }
        }

        return false;
    }

    private static JsonElement Rewritten(JsonElement tools)
    {
        ArrayBufferWriter<byte> buffer = new();
        using (Utf8JsonWriter json = JsonOutput.CreateWriter(buffer))
        {
            json.WriteStartArray();
            foreach (JsonElement tool in tools.EnumerateArray())
            {
                json.WriteStartObject();
                foreach (JsonProperty property in tool.EnumerateObject())
                {
                    if (property.NameEquals("function"))
                    {
                        WriteFunction(json, property.Value);
                    }
                    else if (property.Value.ValueKind != JsonValueKind.Null)
                    {
                        property.WriteTo(json);
                    }
                }

                json.WriteEndObject();
            }

            json.WriteEndArray();
        }

        return JsonElement.Parse(buffer.WrittenSpan, new JsonDocumentOptions { MaxDepth = 2 * MaxSchemaDepth });
    }

    private static void WriteFunction(Utf8JsonWriter json, JsonElement function)
    {
        bool hasParameters = false;
        json.WriteStartObject("function");
        foreach (JsonProperty property in function.EnumerateObject())
        {
            if (property.Value.ValueKind != JsonValueKind.Null)
            {
                hasParameters |= property.NameEquals("parameters");
                property.WriteTo(json);
            }
        }

        if (!hasParameters)
        {
            json.WriteStartObject("parameters");
            json.WriteString("type", "object");
            json.WriteStartObject("properties");
            json.WriteEndObject();
            json.WriteEndObject();
        }

        json.WriteEndObject();
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
