using System.Text.Json;
using Dynamo.Protocol.Models;
using Dynamo.Text.Templates.Jinja;

namespace Dynamo.Text.Templates;

/// <summary>A model's chat template: turns messages into the prompt that the model was trained on. Immutable and thread-safe.</summary>
public sealed class ChatTemplate
{
    private const int MaxTemplateBytes = 4 << 20;
    private const string DefaultName = "default";
    private const string ToolUseName = "tool_use";

    private readonly Dictionary<string, IReadOnlyList<Statement>> _templates;
    private readonly IReadOnlyList<string> _sources;
    private readonly IReadOnlyDictionary<string, string> _specialTokens;

    private ChatTemplate(
        Dictionary<string, IReadOnlyList<Statement>> templates, IReadOnlyList<string> sources, IReadOnlyDictionary<string, string> specialTokens)
    {
        _templates = templates;
        _sources = sources;
        _specialTokens = specialTokens;
    }

    /// <summary>
    /// Reads a folder's templates as transformers does: chat_template.jinja and those in additional_chat_templates, else <c>chat_template</c> of
    /// tokenizer_config.json, else that of chat_template.json, where processors keep it.
    /// </summary>
    /// <returns><see langword="null"/> when the folder has none; completions work without.</returns>
    /// <exception cref="ModelFolderException">The template cannot be parsed, or a field is not as it must be.</exception>
    public static ChatTemplate? Load(ModelFolder folder)
    {
        Dictionary<string, IReadOnlyList<Statement>> templates = new(StringComparer.Ordinal);
        List<string> sources = [];
        foreach ((string name, (string file, string source)) in TemplateFiles.Sources(folder, MaxTemplateBytes))
        {
            try
            {
                templates[name] = Parser.Parse(source);
                sources.Add(source);
            }
            catch (TemplateException e)
            {
                throw new ModelFolderException(file, file.EndsWith(".json", StringComparison.Ordinal) ? "chat_template" : null, e.Message, e);
            }
        }

        return templates.Count > 0 ? new ChatTemplate(templates, sources, TemplateFiles.SpecialTokens(folder)) : null;
    }

    /// <summary>A template that is not in a folder, for example one that came with a request.</summary>
    /// <param name="source">Jinja source.</param>
    /// <param name="specialTokens">Variables such as <c>bos_token</c>.</param>
    /// <exception cref="TemplateException">It cannot be parsed.</exception>
    public static ChatTemplate Parse(string source, IReadOnlyDictionary<string, string> specialTokens) =>
        new(new Dictionary<string, IReadOnlyList<Statement>>(StringComparer.Ordinal) { [DefaultName] = Parser.Parse(source) }, [source], specialTokens);

    /// <summary>Whether a template has this text as a string of its own, as those do that treat a role specially.</summary>
    public bool HasString(string text)
    {
        for (int i = 0; i < _sources.Count; i++)
        {
            if (_sources[i].Contains($"'{text}'", StringComparison.Ordinal) || _sources[i].Contains($"\"{text}\"", StringComparison.Ordinal))
            {
                return true;
            }
        }

        return false;
    }

    /// <summary>Renders a conversation.</summary>
    /// <param name="request">What to render.</param>
    /// <param name="time">Clock of <c>strftime_now</c>.</param>
    /// <exception cref="TemplateException">The template raised, does not fit this conversation, or went over its limits.</exception>
    public string Render(ChatRenderRequest request, TimeProvider time)
    {
        PyDict variables = new();
        foreach ((string name, string token) in _specialTokens)
        {
            variables.Set(name, token);
        }

        object? tools = request.Tools is { } given ? PythonJson.FromElement(given) : null;
        variables.Set("messages", PythonJson.FromElement(request.Messages));
        variables.Set("tools", tools);
        variables.Set("documents", request.Documents is { } documents ? PythonJson.FromElement(documents) : null);
        variables.Set("add_generation_prompt", request.AddGenerationPrompt);
        if (request.ReasoningEffort is { } effort)
        {
            variables.Set("reasoning_effort", effort);
        }

        if (request.Variables is { ValueKind: JsonValueKind.Object } extra)
        {
            foreach ((object? name, object? value) in ((PyDict)PythonJson.FromElement(extra)!).Items)
            {
                variables.Set(name, value);
            }
        }

        string text = Interpreter.Render(Choose(tools), variables.Items.Select(static item => new KeyValuePair<string, object?>((string)item.Key!, item.Value)), time);
        return request.ContinueFinalMessage ? FinalMessage.Continue(text, request.Messages) : text;
    }

    private IReadOnlyList<Statement> Choose(object? tools) =>
        tools is not null && _templates.TryGetValue(ToolUseName, out IReadOnlyList<Statement>? toolUse) ? toolUse
        : _templates.TryGetValue(DefaultName, out IReadOnlyList<Statement>? standard) ? standard
        : _templates.Count == 1 ? _templates.Values.First()
        : throw new TemplateException($"the model has the templates {string.Join(", ", _templates.Keys)} and none is called '{DefaultName}'");
}

/// <summary>What to render.</summary>
public sealed record ChatRenderRequest
{
    /// <summary>A list of messages, each an object with <c>role</c> and <c>content</c>.</summary>
    public required JsonElement Messages { get; init; }

    /// <summary>A list of tools in OpenAI's form, or <see langword="null"/>; the template sees None then.</summary>
    public JsonElement? Tools { get; init; }

    /// <summary>A list of documents, or <see langword="null"/>.</summary>
    public JsonElement? Documents { get; init; }

    /// <summary>Whether the prompt ends with the beginning of an answer.</summary>
    public bool AddGenerationPrompt { get; init; } = true;

    /// <summary>Whether the prompt ends inside the last message, which the model goes on with.</summary>
    public bool ContinueFinalMessage { get; init; }

    /// <summary>How much the model is to think before it answers, or <see langword="null"/>: the template has a default of its own.</summary>
    public string? ReasoningEffort { get; init; }

    /// <summary>More variables (<c>chat_template_kwargs</c>); they win over the others.</summary>
    public JsonElement? Variables { get; init; }
}
