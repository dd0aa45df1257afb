using System.Text.Json;
using Dynamo.Text.Templates;
using Dynamo.Text.Templates.Jinja;

namespace Dynamo.Frontend.Models;

/// <summary>A chat template and what it understands, found out by rendering a probe once. Immutable and thread-safe.</summary>
internal sealed class ChatPrompt
{
    private const string Marker = "c0ntent-pr0be";

    // OpenAI's.
    private static readonly string[] CommonRoles = ["system", "developer", "user", "assistant", "tool", "function"];

    private readonly ChatTemplate _template;
    private readonly TimeProvider _time;

    private ChatPrompt(ChatTemplate template, TimeProvider time)
    {
        _template = template;
        _time = time;
    }

    /// <summary>Whether content may be a list of parts.</summary>
    public bool AcceptsParts { get; private init; }

    /// <summary>Whether content may be a string.</summary>
    public bool AcceptsText { get; private init; }

    /// <summary>Whether the template speaks of the role <c>developer</c>; else such messages are system messages.</summary>
    public bool KnowsDeveloper { get; private init; }

    /// <summary>Examines a template.</summary>
    public static ChatPrompt Create(ChatTemplate template, TimeProvider time)
    {
        bool acceptsParts = Shows(template, $$"""[{"role": "user", "content": [{"type": "text", "text": "{{Marker}}"}]}]""", time);
        return new ChatPrompt(template, time)
        {
            AcceptsParts = acceptsParts,

            // A template that shows neither (it wants more than a probe has) gets text, which most take.
            AcceptsText = !acceptsParts || Shows(template, $$"""[{"role": "user", "content": "{{Marker}}"}]""", time),
            KnowsDeveloper = template.HasString("developer"),
        };
    }

    /// <summary>Whether a message may have this role: one of OpenAI's, or one that the template speaks of. Another was in no text that the model learnt from.</summary>
    public bool Knows(string role) => CommonRoles.Contains(role) || _template.HasString(role);

    /// <summary>Renders a conversation.</summary>
    /// <exception cref="TemplateException">The template refuses it.</exception>
    public string Render(ChatRenderRequest request) => _template.Render(request, _time);

    // A template that takes content as text shows a list as Python prints it, with the names of its fields.
    private static bool Shows(ChatTemplate template, string messages, TimeProvider time)
    {
        using JsonDocument document = JsonDocument.Parse(messages);
        try
        {
            string text = template.Render(new ChatRenderRequest { Messages = document.RootElement }, time);
            return text.Contains(Marker, StringComparison.Ordinal) && !text.Contains($"'text': '{Marker}", StringComparison.Ordinal)
                && !text.Contains($"\"text\": \"{Marker}", StringComparison.Ordinal);
        }
        catch (TemplateException)
        {
            return false;
        }
    }
}
