using System.Text;
using System.Text.Json;
using Dynamo.Protocol.Models;
using Dynamo.Text.Templates;
using Dynamo.Text.Templates.Jinja;
using Xunit;

namespace Dynamo.UnitTests.Text;

public sealed class ChatTemplateTests
{
    private static readonly JsonElement Hello = Json("""[{"role":"user","content":"Hello"}]""");

    [Fact]
    public void Load_JinjaFile_WinsOverTheConfig()
    {
        ChatTemplate? template = ChatTemplate.Load(Folder(("chat_template.jinja", "file"), ("tokenizer_config.json", """{"chat_template":"config"}""")));

        Assert.Equal("file", template!.Render(new ChatRenderRequest { Messages = Hello }, TimeProvider.System));
    }

    [Fact]
    public void Load_NamedTemplates_ToolUseIsForTools()
    {
        ChatTemplate template = ChatTemplate.Load(Folder(("tokenizer_config.json", """
            {"chat_template":[{"name":"default","template":"plain"},{"name":"tool_use","template":"tools"}]}
            """)))!;

        Assert.Equal("plain", template.Render(new ChatRenderRequest { Messages = Hello }, TimeProvider.System));
        Assert.Equal("tools", template.Render(new ChatRenderRequest { Messages = Hello, Tools = Json("[]") }, TimeProvider.System));
    }

    [Fact]
    public void Load_AdditionalTemplates_AreThereByTheNamesOfTheirFiles()
    {
        ChatTemplate template = ChatTemplate.Load(Folder(
            ("chat_template.jinja", "plain"), ("additional_chat_templates/tool_use.jinja", "tools"), ("additional_chat_templates/notes.txt", "{% broken"),
            ("tokenizer_config.json", """{"chat_template":"config"}""")))!;

        Assert.Equal("plain", template.Render(new ChatRenderRequest { Messages = Hello }, TimeProvider.System));
        Assert.Equal("tools", template.Render(new ChatRenderRequest { Messages = Hello, Tools = Json("[]") }, TimeProvider.System));
    }

    [Fact]
    public void Load_AdditionalTemplateAlone_IsTheOne() => Assert.Equal(
        "rag",
        ChatTemplate.Load(Folder(("additional_chat_templates/rag.jinja", "rag"), ("tokenizer_config.json", """{"chat_template":"config"}""")))!
            .Render(new ChatRenderRequest { Messages = Hello }, TimeProvider.System));

    [Theory]
    [InlineData("{}", "processor")]
    [InlineData("""{"chat_template":null}""", "processor")]
    [InlineData("""{"chat_template":"config"}""", "config")]
    public void Load_ProcessorsFile_IsLookedAtLast(string config, string expected) => Assert.Equal(
        expected,
        ChatTemplate.Load(Folder(("tokenizer_config.json", config), ("chat_template.json", """{"chat_template":"processor"}""")))!
            .Render(new ChatRenderRequest { Messages = Hello }, TimeProvider.System));

    [Fact]
    public void Load_ProcessorsFileWithSeveral_HasThemByName()
    {
        ChatTemplate template = ChatTemplate.Load(Folder(("chat_template.json", """{"chat_template":{"default":"plain","tool_use":"tools"}}""")))!;

        Assert.Equal("plain", template.Render(new ChatRenderRequest { Messages = Hello }, TimeProvider.System));
        Assert.Equal("tools", template.Render(new ChatRenderRequest { Messages = Hello, Tools = Json("[]") }, TimeProvider.System));
    }

    [Theory]
    [InlineData("chat_template.json", """{"chat_template":5}""")]
    [InlineData("chat_template.json", """{"chat_template":{"default":5}}""")]
    [InlineData("chat_template.json", "[]")]
    [InlineData("additional_chat_templates/a.jinja", "{% if %}")]
    public void Load_TemplateFileThatIsNotAsItMustBe_IsNamed(string file, string content) =>
        Assert.StartsWith(file, Assert.Throws<ModelFolderException>(() => ChatTemplate.Load(Folder((file, content)))).Message);

    [Fact]
    public void HasString_OfAnyTemplate_AsAWholeInQuotes()
    {
        ChatTemplate template = ChatTemplate.Load(Folder(
            ("chat_template.jinja", "{% if role == 'critic' %}judges{% endif %}"), ("additional_chat_templates/a.jinja", "{{ \"observer\" }}")))!;

        Assert.True(template.HasString("critic"));
        Assert.True(template.HasString("observer"));
        Assert.False(template.HasString("judges"));
        Assert.False(template.HasString("crit"));
    }

    [Fact]
    public void Load_NoTemplate_IsNone() => Assert.Null(ChatTemplate.Load(Folder(("tokenizer_config.json", "{}"))));

    [Fact]
    public void Render_SpecialTokens_AreStringsOrAddedTokens()
    {
        ChatTemplate template = ChatTemplate.Load(Folder(
            ("chat_template.jinja", "{{ bos_token }}{{ eos_token }}{{ pad_token }}|{{ unk_token is defined }}"),
            ("tokenizer_config.json", """{"bos_token":{"content":"<s>","lstrip":false},"eos_token":"</s>","unk_token":null,"add_bos_token":true}"""),
            ("special_tokens_map.json", """{"pad_token":"<pad>","eos_token":"<other>"}""")))!;

        Assert.Equal("<s></s><pad>|False", template.Render(new ChatRenderRequest { Messages = Hello }, TimeProvider.System));
    }

    [Theory]
    [InlineData("""{"chat_template":5}""")]
    [InlineData("""{"chat_template":[5]}""")]
    [InlineData("""{"chat_template":[{"name":"a"}]}""")]
    [InlineData("""{"chat_template":"{% if %}"}""")]
    [InlineData("""{"chat_template":"\ud800"}""")]
    [InlineData("""{"chat_template":"a","bos_token":"\ud800"}""")]
    public void Load_ConfigThatIsNotAsItMustBe_NamesTheFile(string config)
    {
        ModelFolderException e = Assert.Throws<ModelFolderException>(() => ChatTemplate.Load(Folder(("tokenizer_config.json", config))));

        Assert.StartsWith("tokenizer_config.json", e.Message);
    }

    [Fact]
    public void Render_Variables_WinOverTheRest()
    {
        ChatTemplate template = Parse("{{ tools is none }}{{ documents is none }}{{ add_generation_prompt }}{{ enable_thinking }}{{ limit }}");

        string text = template.Render(new ChatRenderRequest { Messages = Hello, Variables = Json("""{"enable_thinking":false,"add_generation_prompt":"x","limit":1}""") }, TimeProvider.System);

        Assert.Equal("TrueTruexFalse1", text);
    }

    [Theory]
    [InlineData("""{"minimum":1,"maximum":1.0,"big":123456789012345678901234567890,"tiny":1e-7}""", """{"minimum": 1, "maximum": 1.0, "big": 123456789012345678901234567890, "tiny": 1e-07}""")]
    [InlineData("""[9223372036854775807,-9223372036854775808,1e23,0.1,-0.0]""", """[9223372036854775807, -9223372036854775808, 1e+23, 0.1, -0.0]""")]
    public void Render_NumbersOfJson_StayWhatTheyAre(string json, string expected) =>
        Assert.Equal(expected, Parse("{{ documents|tojson }}").Render(new ChatRenderRequest { Messages = Hello, Documents = Json(json) }, TimeProvider.System));

    [Theory]
    [InlineData("<u>{{ messages[0].content }}</u>", "The sky is", "<u>The sky is")]
    [InlineData("<u>{{ messages[0].content|trim }}</u>", " The sky is ", "<u>The sky is")]
    [InlineData("<u>{{ messages[0].content }}</u>", "The sky is ", "<u>The sky is ")]
    public void Render_ContinueFinalMessage_EndsInsideIt(string template, string content, string expected)
    {
        JsonElement messages = Json(JsonSerializer.Serialize(new[] { new { role = "assistant", content } }));

        Assert.Equal(expected, Parse(template).Render(new ChatRenderRequest { Messages = messages, ContinueFinalMessage = true, AddGenerationPrompt = false }, TimeProvider.System));
    }

    [Theory]
    [InlineData("[]")]
    [InlineData("[5]")]
    [InlineData("""[{"role":"user"}]""")]
    [InlineData("""[{"role":"user","content":[5,{"text":7}]}]""")]
    [InlineData("""[{"role":"user","content":"not shown"}]""")]
    public void Render_ContinueFinalMessageWithoutItsText_IsAnError(string messages) =>
        Assert.Throws<TemplateException>(() => Parse("x").Render(new ChatRenderRequest { Messages = Json(messages), ContinueFinalMessage = true }, TimeProvider.System));

    [Fact]
    public void Render_RaiseException_CarriesTheMessageAndTheLine()
    {
        TemplateException e = Assert.Throws<TemplateException>(() => Parse("\n\n{{ raise_exception('no ' ~ 5) }}").Render(new ChatRenderRequest { Messages = Hello }, TimeProvider.System));

        Assert.Equal(("no 5", 3), (e.Reason, e.Line));
    }

    private static ChatTemplate Parse(string source) => ChatTemplate.Parse(source, new Dictionary<string, string>());

    private static JsonElement Json(string json) => JsonDocument.Parse(json).RootElement;

    private static ModelFolder Folder(params (string Name, string Content)[] files) =>
        new("test", files.ToDictionary(static file => file.Name, static file => Encoding.UTF8.GetBytes(file.Content)));
}
