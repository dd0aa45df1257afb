using System.Text.Json;
using Dynamo.Text.Templates.Jinja;

namespace Dynamo.Text.Templates;

/// <summary>Cuts a rendered conversation behind the text of its last message, so that the model goes on with it.</summary>
internal static class FinalMessage
{
    public static string Continue(string rendered, JsonElement messages)
    {
        string last = messages.ValueKind == JsonValueKind.Array && messages.GetArrayLength() > 0 ? Text(messages[messages.GetArrayLength() - 1]) : "";
        string trimmed = last.Trim();
        int at = rendered.LastIndexOf(trimmed, StringComparison.Ordinal);
        if (trimmed.Length == 0 || at < 0)
        {
            throw new TemplateException("continue_final_message needs a last message whose text the template shows as it is");
        }

        // A template that trims messages has cut the spaces at its end; one that does not shows them.
        string whole = last.TrimStart();
        return string.CompareOrdinal(rendered, at, whole, 0, whole.Length) == 0 ? rendered[..(at + whole.Length)] : rendered[..(at + trimmed.Length)];
    }

    private static string Text(JsonElement message)
    {
        if (message.ValueKind != JsonValueKind.Object || !message.TryGetProperty("content", out JsonElement content))
        {
            return "";
        }

        if (content.ValueKind == JsonValueKind.Array)
        {
            content = content.EnumerateArray().Select(static part => part.ValueKind == JsonValueKind.Object && part.TryGetProperty("text", out JsonElement text) ? text : default)
                .LastOrDefault(static text => text.ValueKind == JsonValueKind.String);
        }

        return content.ValueKind == JsonValueKind.String && PythonJson.FromElement(content) is string found ? found : "";
    }
}
