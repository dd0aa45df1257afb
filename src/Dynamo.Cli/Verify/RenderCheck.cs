using System.Text.Json;
using Dynamo.Protocol.Models;
using Dynamo.Text.Templates;
using Dynamo.Text.Templates.Jinja;

namespace Dynamo.Cli.Verify;

/// <summary>Compares the chat template with the <c>render</c> cases of <c>golden-text.json</c>.</summary>
internal static class RenderCheck
{
    // The day that the reference's strftime_now gives.
    private static readonly TimeProvider GoldenDay = new FixedTime(new DateTimeOffset(2026, 7, 26, 12, 0, 0, TimeSpan.Zero));

    /// <summary>Runs and prints the comparison.</summary>
    /// <returns>Whether nothing differed.</returns>
    public static bool Run(ModelFolder folder, JsonDocument golden, Func<string, JsonDocument, Func<JsonElement, string?>, bool> count)
    {
        ChatTemplate? template = ChatTemplate.Load(folder);
        return count("render", golden, item => Difference(
            template ?? throw new ModelFolderException(TextCheck.File, "render", "has cases, but the folder has no chat template"), item));
    }

    private static string? Difference(ChatTemplate template, JsonElement item)
    {
        string? expected = item.TryGetProperty("text", out JsonElement text) ? TextCheck.TextOf(text) : null;
        try
        {
            string actual = template.Render(
                new ChatRenderRequest
                {
                    Messages = item.GetProperty("messages"),
                    Tools = Optional(item, "tools"),
                    AddGenerationPrompt = item.GetProperty("add_generation_prompt").GetBoolean(),
                    Variables = Optional(item, "kwargs"),
                },
                GoldenDay);
            return actual == expected ? null
                : expected is null ? $"{TextCheck.Quoted(actual)}, the reference raises {TextCheck.Quoted(TextCheck.TextOf(item.GetProperty("error")))}"
                : $"{TextCheck.Quoted(actual)}, the reference has {TextCheck.Quoted(expected)}";
        }
        catch (TemplateException e)
        {
            return expected is null ? null : $"raises '{e.Message}', the reference has {TextCheck.Quoted(expected)}";
        }
    }

    private static JsonElement? Optional(JsonElement item, string name) =>
        item.TryGetProperty(name, out JsonElement value) && value.ValueKind != JsonValueKind.Null ? value : null;

    private sealed class FixedTime(DateTimeOffset now) : TimeProvider
    {
        public override TimeZoneInfo LocalTimeZone => TimeZoneInfo.Utc;

        public override DateTimeOffset GetUtcNow() => now;
    }
}
