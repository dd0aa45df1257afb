using System.Net;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using Dynamo.Serving.Catalog;
using Dynamo.UnitTests.Frontend.Support;
using Xunit;

namespace Dynamo.UnitTests.Frontend;

/// <summary>How conversations become prompts.</summary>
public sealed class ChatPromptTests : FrontendTest
{
    private const string Begin = "<|begin_of_text|>";
    private const string Answer = "<|start_header_id|>assistant<|end_header_id|>\n\n";

    [Fact]
    public async Task BundledChecks_PromptsHaveTheReferencesLength()
    {
        JsonArray checks = JsonNode.Parse(await File.ReadAllBytesAsync(Path.Combine(DemoModel.Folder, "checks.json")))!.AsArray();
        Host.Catalog.Models = [DemoModel.Served(maxModelLength: 4096)];
        foreach (JsonNode check in checks.OfType<JsonNode>())
        {
            string tools = check["tools"] is { } given ? $"\"tools\":{given.ToJsonString()}" : "";
            ScriptedSequence sequence = await SeenAsync(() => ChatAsync(tools, check["messages"]!.ToJsonString()));
            Assert.Equal((int)check["prompt_tokens"]!, sequence.Spec.PromptTokenIds.Count);
        }
    }

    [Fact]
    public async Task Conversation_IsRenderedByTheTemplate() => await AssertPromptAsync(
        """[{"role":"system","content":"S"},{"role":"user","content":"U"},{"role":"assistant","content":"A"},{"role":"user","content":"V"}]""",
        Begin + Turn("system", "S") + Turn("user", "U") + Turn("assistant", "A") + Turn("user", "V") + Answer);

    [Fact]
    public async Task ContentParts_AreJoinedByLines() => await AssertPromptAsync(
        """[{"role":"user","content":[{"type":"text","text":"one"},{"type":"text","text":"two"}]}]""", Begin + Turn("user", "one\ntwo") + Answer);

    [Fact]
    public async Task DeveloperRole_UnknownToTheTemplate_IsSystem() => await AssertPromptAsync(
        """[{"role":"developer","content":"D"},{"role":"user","content":"U"}]""", Begin + Turn("system", "D") + Turn("user", "U") + Answer);

    [Fact]
    public async Task ToolCallsInHistory_ArgumentsAreObjectsForTheTemplate() => await AssertPromptAsync(
        """
        [{"role":"user","content":"U"},
         {"role":"assistant","content":null,"tool_calls":[{"id":"1","type":"function","function":{"name":"get_time","arguments":"{\"city\": \"Oslo\"}"}}]},
         {"role":"tool","tool_call_id":"1","content":"12:00"}]
        """,
        Begin + Turn("user", "U") + Turn("assistant", """{"name": "get_time", "parameters": {"city": "Oslo"}}""") + Turn("tool", "12:00") + Answer);

    [Fact]
    public async Task ToolCallWithoutArguments_IsAnEmptyObject() => await AssertPromptAsync(
        """[{"role":"user","content":"U"},{"role":"assistant","tool_calls":[{"function":{"name":"f","arguments":""}}]}]""",
        Begin + Turn("user", "U") + Turn("assistant", """{"name": "f", "parameters": {}}""") + Answer);

    [Fact]
    public async Task AssistantWithoutContent_IsEmpty() => await AssertPromptAsync(
        """[{"role":"user","content":"U"},{"role":"assistant"},{"role":"user","content":"V"}]""",
        Begin + Turn("user", "U") + Turn("assistant", "") + Turn("user", "V") + Answer);

    [Theory]
    [InlineData("", true)]
    [InlineData(",\"tool_choice\":\"auto\"", true)]
    [InlineData(",\"tool_choice\":\"none\"", false)]
    public async Task Tools_AreShownUnlessNoneMayBeCalled(string choice, bool shown)
    {
        const string tools =
            "\"tools\":[{\"type\":\"function\",\"function\":{\"name\":\"get_time\",\"parameters\":{\"type\":\"object\",\"properties\":{\"city\":{\"type\":\"string\"}}}}}]";
        await AssertPromptAsync(
            """[{"role":"user","content":"U"}]""",
            Begin + (shown ? "<|start_header_id|>system<|end_header_id|>\n\nTools: get_time(city)<|eot_id|>" : "") + Turn("user", "U") + Answer,
            tools + choice);
    }

    [Fact]
    public async Task NoGenerationPrompt_EndsWithTheMessage() => await AssertPromptAsync(
        """[{"role":"user","content":"U"}]""", Begin + Turn("user", "U"), "\"add_generation_prompt\":false");

    [Fact]
    public async Task ContinueFinalMessage_EndsInsideIt() => await AssertPromptAsync(
        """[{"role":"user","content":"U"},{"role":"assistant","content":"The sum is"}]""",
        Begin + Turn("user", "U") + "<|start_header_id|>assistant<|end_header_id|>\n\nThe sum is",
        "\"continue_final_message\":true");

    [Fact]
    public async Task AddSpecialTokens_IsOffByDefault()
    {
        ScriptedSequence plain = await SeenAsync(() => ChatAsync());
        ScriptedSequence asked = await SeenAsync(() => ChatAsync("\"add_special_tokens\":true"));

        Assert.Equal(DemoModel.Tokenizer.Encode(plain.Prompt, addSpecialTokens: true), asked.Spec.PromptTokenIds);
    }

    [Fact]
    public async Task TemplateVariables_ComeFromTheRequest()
    {
        Host.Catalog.Models = [WithTemplate("{% if enable_thinking is defined and not enable_thinking %}off{% endif %}{{ documents[0].title }}{{ messages[0].content }}")];
        await AssertPromptAsync(
            """[{"role":"user","content":"U"}]""", "offTU", "\"chat_template_kwargs\":{\"enable_thinking\":false},\"documents\":[{\"title\":\"T\"}]");
    }

    [Fact]
    public async Task TemplateThatTakesParts_GetsThem()
    {
        Host.Catalog.Models = [WithTemplate("{% for m in messages %}{% for part in m.content %}<{{ part.text }}>{% endfor %}{% endfor %}")];

        await AssertPromptAsync("""[{"role":"user","content":[{"type":"text","text":"a"},{"type":"text","text":"b"}]},{"role":"user","content":"c"}]""", "<a><b><c>");
    }

    [Fact]
    public async Task TemplateThatTakesBoth_GetsWhatTheClientSent()
    {
        Host.Catalog.Models = [WithTemplate(
            "{% for m in messages %}{% if m.content is string %}({{ m.content }}){% else %}{% for part in m.content %}<{{ part.text }}>{% endfor %}{% endif %}{% endfor %}")];

        await AssertPromptAsync("""[{"role":"user","content":[{"type":"text","text":"a"}]},{"role":"user","content":"c"}]""", "<a>(c)");
    }

    [Fact]
    public async Task TemplateThatKnowsDevelopers_GetsThem()
    {
        Host.Catalog.Models = [WithTemplate("{% if messages[0].role == 'developer' %}dev{% endif %}{{ messages[0].content }}")];

        await AssertPromptAsync("""[{"role":"developer","content":"U"}]""", "devU");
    }

    [Fact]
    public async Task TemplateRaises_Is400WithItsWords()
    {
        Host.Catalog.Models = [WithTemplate("{% if messages[0].role != 'user' %}{{ raise_exception('users first') }}{% endif %}{{ messages[0].content }}")];

        using HttpResponseMessage response = await ChatAsync(messages: """[{"role":"system","content":"S"}]""");

        JsonNode error = (await JsonAsync(response))["error"]!;
        Assert.Equal(HttpStatusCode.BadRequest, response.StatusCode);
        Assert.Equal("messages", (string)error["param"]!);
        Assert.Contains("users first", (string)error["message"]!, StringComparison.Ordinal);
    }

    [Fact]
    public async Task NoTemplate_ChatIs400AndCompletionsWork()
    {
        Host.Catalog.Models = [WithTemplate(null)];

        using HttpResponseMessage response = await ChatAsync();
        await SeenAsync(() => CompleteAsync());

        Assert.Equal(HttpStatusCode.BadRequest, response.StatusCode);
        Assert.Contains("/v1/completions", (string)(await JsonAsync(response))["error"]!["message"]!, StringComparison.Ordinal);
    }

    private static string Turn(string role, string content) => $"<|start_header_id|>{role}<|end_header_id|>\n\n{content}<|eot_id|>";

    private async Task AssertPromptAsync(string messages, string expected, string fields = "")
    {
        ScriptedSequence sequence = await SeenAsync(() => ChatAsync(fields, messages));

        Assert.Equal(expected, sequence.Prompt);
    }

    private static ServedModel WithTemplate(string? template)
    {
        Dictionary<string, byte[]> files = DemoModel.Files();
        files["tokenizer_config.json"] = Encoding.UTF8.GetBytes(template is null ? "{}" : $"{{\"chat_template\":{JsonSerializer.Serialize(template)}}}");
        return DemoModel.Served(files: files);
    }
}
