using System.Text;
using System.Text.Json;
using Dynamo.Serving.Catalog;
using Dynamo.UnitTests.Frontend.Support;
using Xunit;

namespace Dynamo.UnitTests.Frontend;

/// <summary>What OpenAI lets be null, empty or absent reaches chat templates as one thing: not there.</summary>
public sealed class NullFieldTests : FrontendTest
{
    // Shows a message with the fields that it has, and says of content and arguments what they are.
    private const string Showing =
        """
        {%- for m in messages %}[{{ m.role }}:{{ m.content }}
        {%- for field in ['name', 'tool_call_id', 'tool_calls', 'function_call', 'refusal', 'audio', 'annotations', 'reasoning', 'reasoning_content', 'extra'] %}
        {%- if field in m %} {{ field }}={{ m[field] | tojson }}{%- endif %}{%- endfor %}]{%- endfor %}
        """;

    private const string ShowingTools = "{{ messages[0].content }}{% for t in tools %}{{ t | tojson }}{% for p in t.function.parameters.properties %}{{ p }}{% endfor %}{% endfor %}";

    [Theory]
    [InlineData("\"content\":\"A\",\"tool_calls\":null,\"function_call\":null,\"refusal\":null,\"audio\":null,\"name\":null", "A")]
    [InlineData("\"content\":\"A\",\"tool_calls\":[],\"annotations\":[],\"name\":\"\",\"reasoning\":\"\",\"extra\":null", "A")]
    [InlineData("\"content\":\"A\",\"annotations\":[{\"type\":\"url_citation\"}],\"tool_call_id\":null,\"reasoning_content\":null", "A")]
    [InlineData("\"content\":null", "")]
    [InlineData("\"content\":[]", "")]
    [InlineData("\"refusal\":\"I cannot.\"", "I cannot.")]
    [InlineData("\"content\":[{\"type\":\"refusal\",\"refusal\":\"No.\"}]", "No.")]
    [InlineData("\"content\":\"A\",\"reasoning\":\"R\"", "A reasoning=\"R\" reasoning_content=\"R\"")]
    [InlineData("\"content\":\"A\",\"reasoning\":null,\"reasoning_content\":\"R\"", "A reasoning=\"R\" reasoning_content=\"R\"")]
    [InlineData("\"content\":\"A\",\"extra\":[]", "A extra=[]")]
    [InlineData(
        "\"tool_calls\":[{\"id\":null,\"index\":null,\"function\":{\"name\":\"f\",\"arguments\":null}}]",
        " tool_calls=[{\"function\": {\"name\": \"f\", \"arguments\": {}}, \"type\": \"function\"}]")]
    [InlineData(
        "\"tool_calls\":[{\"id\":\"1\",\"type\":\"function\",\"function\":{\"name\":\"f\"}}]",
        " tool_calls=[{\"id\": \"1\", \"type\": \"function\", \"function\": {\"name\": \"f\", \"arguments\": {}}}]")]
    [InlineData(
        "\"content\":null,\"function_call\":{\"name\":\"f\",\"arguments\":\"{\\\"a\\\": 1}\"}",
        " tool_calls=[{\"type\": \"function\", \"function\": {\"name\": \"f\", \"arguments\": {\"a\": 1}}}]")]
    public async Task AssistantMessage_HasWhatSaysSomething(string fields, string shown) =>
        await AssertPromptAsync(Showing, $$"""[{"role":"assistant",{{fields}}}]""", $"[assistant:{shown}]");

    [Theory]
    [InlineData("{\"role\":\"user\",\"content\":\"U\",\"name\":null}", "[user:U]")]
    [InlineData("{\"role\":\"user\",\"content\":\"U\",\"name\":\"Mia\"}", "[user:U name=\"Mia\"]")]
    [InlineData("{\"role\":\"user\",\"content\":[{\"type\":\"input_text\",\"text\":\"a\"},{\"type\":\"output_text\",\"text\":\"b\",\"annotations\":[]},\"c\"]}", "[user:a\nb\nc]")]
    [InlineData("{\"role\":\"user\",\"content\":[{\"type\":\"text\",\"text\":\"\"},{\"type\":\"text\",\"text\":\"b\",\"cache_control\":{\"type\":\"ephemeral\"}}]}", "[user:\nb]")]
    [InlineData("{\"role\":\"developer\",\"content\":\"D\",\"name\":null}", "[system:D]")]
    [InlineData("{\"role\":\"tool\",\"content\":[{\"type\":\"text\",\"text\":\"12:00\"}],\"tool_call_id\":\"1\",\"name\":null}", "[tool:12:00 tool_call_id=\"1\"]")]
    public async Task OtherMessages_HaveWhatSaysSomething(string message, string shown) => await AssertPromptAsync(Showing, $"[{message}]", shown);

    [Theory]
    [InlineData("{\"name\":\"f\"}")]
    [InlineData("{\"name\":\"f\",\"parameters\":null}")]
    [InlineData("{\"name\":\"f\",\"description\":null,\"parameters\":null,\"strict\":null}")]
    public async Task ToolWithoutParameters_HasAnEmptyListOfThem(string function) => await AssertPromptAsync(
        ShowingTools,
        """[{"role":"user","content":"U"}]""",
        """U{"type": "function", "function": {"name": "f", "parameters": {"type": "object", "properties": {}}}}""",
        $$""","tools":[{"type":"function","function":{{function}}}]""");

    [Fact]
    public async Task ToolWithParameters_IsShownAsItCame() => await AssertPromptAsync(
        ShowingTools,
        """[{"role":"user","content":"U"}]""",
        """U{"type": "function", "function": {"name": "f", "parameters": {"properties": {"p": {"default": null}}}, "strict": true}}p""",
        ""","tools":[{"type":"function","function":{"name":"f","parameters":{"properties":{"p":{"default":null}}},"strict":true}}]""");

    [Theory]
    [InlineData("null")]
    [InlineData("[]")]
    public async Task NoTools_AreNone(string tools) =>
        await AssertPromptAsync("{{ messages[0].content }}{{ tools is none }}", """[{"role":"user","content":"U"}]""", "UTrue", $",\"tools\":{tools},\"tool_choice\":null");

    [Fact]
    public async Task TemplateThatTakesParts_SeesTextPartsAlone() => await AssertPromptAsync(
        "{% for m in messages %}{% for part in m.content %}{{ part.type }}={{ part.text }}{{ '!' if part.cache_control is defined }};{% endfor %}{% endfor %}",
        """[{"role":"user","content":["a",{"type":"input_text","text":"b","cache_control":{"type":"ephemeral"}}]},{"role":"user","content":"c"}]""",
        "text=a;text=b;text=c;");

    [Theory]
    [InlineData("\"reasoning_effort\":\"low\"", "Ulow")]
    [InlineData("\"reasoning_effort\":null", "Unone")]
    [InlineData("\"chat_template_args\":{\"reasoning_effort\":\"high\"}", "Uhigh")]
    [InlineData("\"reasoning_effort\":\"low\",\"chat_template_kwargs\":{\"reasoning_effort\":\"high\"}", "Uhigh")]
    public async Task ReasoningEffort_IsForTheTemplate(string field, string shown) => await AssertPromptAsync(
        "{{ messages[0].content }}{{ reasoning_effort if reasoning_effort is defined else 'none' }}", """[{"role":"user","content":"U"}]""", shown, "," + field);

    [Fact]
    public async Task RoleThatTheTemplateSpeaksOf_IsTaken() => await AssertPromptAsync(
        "{% for m in messages %}{% if m.role == 'critic' %}!{% endif %}{{ m.content }}{% endfor %}", """[{"role":"critic","content":"C"}]""", "!C");

    [Fact]
    public async Task NullEverywhere_IsNotGiven()
    {
        string[] names =
        [
            "tools", "tool_choice", "functions", "function_call", "stop", "logit_bias", "user", "response_format", "metadata", "seed", "n", "logprobs", "top_logprobs", "max_tokens",
            "max_completion_tokens", "temperature", "top_p", "frequency_penalty", "presence_penalty", "parallel_tool_calls", "service_tier", "store", "reasoning_effort",
            "modalities", "audio", "prediction", "verbosity", "web_search_options", "stream", "stream_options", "prompt_cache_key", "safety_identifier", "suffix", "best_of", "echo",
            "top_k", "min_p", "repetition_penalty", "bad_words", "allowed_token_ids", "stop_token_ids", "min_tokens", "ignore_eos", "truncate_prompt_tokens", "truncation_side",
            "documents", "chat_template_kwargs", "add_generation_prompt", "continue_final_message", "nvext", "cache_salt", "session_id",
        ];
        string nulls = string.Join(",", names.Select(static name => $"\"{name}\":null"));

        await SeenAsync(() => ChatAsync(nulls));
        await SeenAsync(() => CompleteAsync(nulls));
    }

    private async Task AssertPromptAsync(string template, string messages, string expected, string fields = "")
    {
        Dictionary<string, byte[]> files = DemoModel.Files();
        files["tokenizer_config.json"] = Encoding.UTF8.GetBytes($"{{\"chat_template\":{JsonSerializer.Serialize(template)}}}");
        ServedModel model = DemoModel.Served(files: files);
        Host.Catalog.Models = [model];

        ScriptedSequence sequence = await SeenAsync(() => Host.SendAsync("/v1/chat/completions", $$"""{"model":"demo","messages":{{messages}}{{fields}}}"""));

        Assert.Equal(expected, sequence.Prompt);
    }
}
