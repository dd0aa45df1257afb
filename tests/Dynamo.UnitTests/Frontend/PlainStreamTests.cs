using System.Net.ServerSentEvents;
using System.Text;
using System.Text.Json.Nodes;
using Dynamo.Frontend.Configuration;
using Dynamo.Protocol.Frames;
using Dynamo.UnitTests.Frontend.Support;
using Xunit;

namespace Dynamo.UnitTests.Frontend;

/// <summary>Whatever happens in a stream, a client that knows only <c>data: </c> reads it as one that knows all of server-sent events.</summary>
public sealed class PlainStreamTests : FrontendTest
{
    private const string Usage = "\"stream\":true,\"stream_options\":{\"include_usage\":true,\"continuous_usage_stats\":true}";

    protected override FrontendOptions Options => new() { KeepAliveInterval = TimeSpan.FromSeconds(10) };

    [Theory]
    [InlineData(false, "\"stream\":true", 1)]
    [InlineData(false, Usage + ",\"n\":3", 3)]
    [InlineData(false, Usage + ",\"logprobs\":true,\"return_token_ids\":true,\"nvext\":{\"extra_fields\":[\"worker_id\",\"timing\",\"overlap\"]}", 1)]
    [InlineData(true, "\"stream\":true", 1)]
    [InlineData(true, Usage + ",\"n\":2,\"echo\":true,\"return_token_ids\":true", 2)]
    public async Task AnyAnswer_IsReadByAll(bool isCompletion, string fields, int numSequences)
    {
        using HttpResponseMessage response = await (isCompletion ? CompleteAsync(fields) : ChatAsync(fields));
        for (int i = 0; i < numSequences; i++)
        {
            ScriptedSequence sequence = await Generator.NextAsync();
            sequence.Emit([8], FinishReason.None, [new TokenLogprobs(-1, [])]);
            sequence.Emit([DemoModel.EndOfTurn], FinishReason.Stop, [new TokenLogprobs(-1, [])]);
        }

        await AssertReadByAllAsync(response);
    }

    [Fact]
    public async Task LineBreaksOfEveryAlphabet_AreNoLineBreaksOfTheStream()
    {
        const string text = "a\nb\rc\r\nd\u2028e\u2029f\u0085g\u001ch\u001di\u001ej\u000bk\u000cl";
        Generator.OnStarted = static sequence => sequence.Emit(text, FinishReason.Length);
        using HttpResponseMessage response = await ChatAsync("\"stream\":true");

        List<JsonNode> chunks = await AssertReadByAllAsync(response);

        Assert.Equal(text, string.Concat(chunks.Select(static chunk => (string?)chunk["choices"]![0]!["delta"]!["content"])));
    }

    [Fact]
    public async Task Failure_IsReadByAll()
    {
        using HttpResponseMessage response = await ChatAsync("\"stream\":true");
        ScriptedSequence sequence = await Generator.NextAsync();
        sequence.Emit("4");
        sequence.Emit([], FinishReason.Error, error: "secret");

        List<JsonNode> chunks = await AssertReadByAllAsync(response);

        Assert.NotNull(chunks[^1]["error"]);
    }

    [Theory]
    [InlineData(false, "assistant", "")]
    [InlineData(true, null, "Hi")]
    public async Task SilenceBeforeTheFirstToken_OpensTheAnswer(bool isCompletion, string? role, string text)
    {
        using HttpResponseMessage response = await (isCompletion ? CompleteAsync("\"stream\":true,\"echo\":true") : ChatAsync("\"stream\":true"));
        ScriptedSequence sequence = await Generator.NextAsync();
        using StreamReader reader = new(await response.Content.ReadAsStreamAsync());

        Time.Advance(TimeSpan.FromSeconds(20));
        string first = await LineAsync(reader) + "\n\n";
        await LineAsync(reader);
        sequence.Emit("42", FinishReason.Length);
        string rest = await reader.ReadToEndAsync().WaitAsync(Waiting.Limit);

        JsonNode[] choices = [.. (await AssertReadByAllAsync(first + rest)).Select(static chunk => chunk["choices"]![0]!)];
        Assert.Equal([role, .. choices.Skip(1).Select(static _ => (string?)null)], choices.Select(static choice => (string?)choice["delta"]?["role"]));
        Assert.Equal([text, "42"], choices.Take(2).Select(Text));
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task SilenceLater_IsAnEmptyPieceOfAChoiceThatGoesOn(bool isCompletion)
    {
        const string fields = Usage + ",\"n\":2,\"seed\":0,\"return_token_ids\":true";
        using HttpResponseMessage response = await (isCompletion ? CompleteAsync(fields) : ChatAsync(fields));
        ScriptedSequence[] sequences = [await Generator.NextAsync(), await Generator.NextAsync()];
        ScriptedSequence first = sequences.Single(static sequence => sequence.Spec.Sampling.Seed == 0);
        ScriptedSequence second = sequences.Single(static sequence => sequence.Spec.Sampling.Seed == 1);
        using StreamReader reader = new(await response.Content.ReadAsStreamAsync());
        StringBuilder body = new();

        // One after the other: each is followed by itself.
        first.Emit("4", FinishReason.Length);
        await UntilAsync(reader, body, "length");
        second.Emit("42");
        await UntilAsync(reader, body, "42");
        Time.Advance(TimeSpan.FromSeconds(20));
        string silence = await LineAsync(reader);
        body.Append(silence).Append("\n\n");
        await LineAsync(reader);
        second.Emit("2", FinishReason.Length);
        body.Append(await reader.ReadToEndAsync().WaitAsync(Waiting.Limit));

        await AssertReadByAllAsync(body.ToString());
        JsonNode chunk = JsonNode.Parse(silence["data: ".Length..])!;
        JsonNode choice = Assert.Single(chunk["choices"]!.AsArray())!;
        Assert.Equal(1, (int)choice["index"]!);
        Assert.Equal("", Text(choice));
        Assert.Null(choice["finish_reason"]);
        Assert.Empty(choice["token_ids"]!.AsArray());
        Assert.Equal(DemoModel.Encode("42").Length, (int)chunk["usage"]!["completion_tokens"]!);
    }

    private static string? Text(JsonNode choice) => (string?)(choice["text"] ?? choice["delta"]!["content"]);

    private static async Task<string> LineAsync(StreamReader reader) => (await reader.ReadLineAsync().WaitAsync(Waiting.Limit))!;

    private static async Task UntilAsync(StreamReader reader, StringBuilder body, string text)
    {
        string line;
        do
        {
            line = await LineAsync(reader);
            body.Append(line).Append('\n');
        }
        while (!line.Contains($"\"{text}\"", StringComparison.Ordinal));

        body.Append(await LineAsync(reader)).Append('\n');
    }

    private static async Task<List<JsonNode>> AssertReadByAllAsync(HttpResponseMessage response) => await AssertReadByAllAsync(await response.Content.ReadAsStringAsync());

    // Returns the chunks.
    private static async Task<List<JsonNode>> AssertReadByAllAsync(string body)
    {
        List<string> whole = [];
        await foreach (SseItem<string> item in SseParser.Create(new MemoryStream(Encoding.UTF8.GetBytes(body))).EnumerateAsync())
        {
            Assert.Null(item.EventId);
            whole.Add(item.Data);
        }

        Assert.All(PoorReaders.All, reader => Assert.Equal(whole, reader.Value(body)));
        Assert.Equal("[DONE]", whole[^1]);
        return [.. whole.SkipLast(1).Select(static data => JsonNode.Parse(data)!)];
    }
}
