using System.Text.Json;
using Dynamo.Text.Templates;

namespace Dynamo.UnitTests.Text.Support;

/// <summary>Renders templates with variables given as JSON.</summary>
internal static class Rendering
{
    private static readonly JsonElement NoMessages = JsonDocument.Parse("[]").RootElement;
    private static readonly TimeProvider Noon = new FixedTime(new DateTime(2026, 7, 26, 12, 0, 0));

    public static string Render(string template, string variables = "{}")
    {
        using JsonDocument document = JsonDocument.Parse(variables);
        return Render(template, document.RootElement, Noon);
    }

    public static string Render(string template, JsonElement variables, TimeProvider time) =>
        ChatTemplate.Parse(template, new Dictionary<string, string>()).Render(
            new ChatRenderRequest { Messages = NoMessages, Variables = variables, AddGenerationPrompt = false }, time);
}
