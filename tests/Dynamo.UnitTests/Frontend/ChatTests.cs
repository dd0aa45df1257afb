using System.Net;
using System.Text.Json.Nodes;
using Dynamo.UnitTests.Frontend.Support;
using Xunit;

namespace Dynamo.UnitTests.Frontend;

public sealed class ChatTests : IAsyncLifetime
{
    private FrontendHost _host = null!;

    public async Task InitializeAsync() => _host = await FrontendHost.StartAsync();

    public async Task DisposeAsync() => await _host.DisposeAsync();

    [Fact]
    public async Task Chat_WholeAnswer_HasTextAndUsage()
    {
        Task<HttpResponseMessage> asking = _host.SendAsync("/v1/chat/completions", """{"model":"demo","messages":[{"role":"user","content":"What is 17 + 25?"}]}""");
        ScriptedSequence sequence = await _host.Generator.NextAsync();
        sequence.Emit("4");
        sequence.Emit("2");
        sequence.EndTurn();

        using HttpResponseMessage response = await asking;
        JsonNode answer = JsonNode.Parse(await response.Content.ReadAsStringAsync())!;

        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
        Assert.Equal("42", (string)answer["choices"]![0]!["message"]!["content"]!);
        Assert.Equal("stop", (string)answer["choices"]![0]!["finish_reason"]!);
        Assert.Equal(3, (int)answer["usage"]!["completion_tokens"]!);
        Assert.Equal("<|begin_of_text|><|start_header_id|>user<|end_header_id|>\n\nWhat is 17 + 25?<|eot_id|><|start_header_id|>assistant<|end_header_id|>\n\n", sequence.Prompt);
    }

    [Fact]
    public async Task Chat_Stream_SendsEachPieceAsItComes()
    {
        Task<HttpResponseMessage> asking = _host.SendAsync("/v1/chat/completions", """{"model":"demo","stream":true,"messages":[{"role":"user","content":"Hi"}]}""");
        ScriptedSequence sequence = await _host.Generator.NextAsync();
        using HttpResponseMessage response = await asking;
        sequence.Emit("4");
        sequence.EndTurn();

        string text = await response.Content.ReadAsStringAsync();

        Assert.Equal("text/event-stream; charset=utf-8", response.Content.Headers.ContentType!.ToString());
        Assert.Contains("\"delta\":{\"role\":\"assistant\",\"content\":\"\"}", text, StringComparison.Ordinal);
        Assert.Contains("\"delta\":{\"content\":\"4\"}", text, StringComparison.Ordinal);
        Assert.EndsWith("data: [DONE]\n\n", text, StringComparison.Ordinal);
    }
}
