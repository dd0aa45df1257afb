using System.Net;
using System.Text.Json.Nodes;
using Dynamo.Protocol.Frames;
using Dynamo.UnitTests.Frontend.Support;
using Xunit;

namespace Dynamo.UnitTests.Frontend;

public sealed class ChatStreamTests : FrontendTest
{
    private const string Head = """data: {"id":"ID","object":"chat.completion.chunk","created":946684800,"model":"demo","choices":[""";

    [Fact]
    public async Task Stream_OneChoice_IsExactlyTheseBytes()
    {
        using HttpResponseMessage response = await ChatAsync("\"stream\":true");
        ScriptedSequence sequence = await Generator.NextAsync();
        sequence.Emit(DemoModel.Encode("A\n"), FinishReason.None);
        sequence.EndTurn();

        string body = await EventReader.BodyAsync(response);

        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
        Assert.Equal("text/event-stream; charset=utf-8", response.Content.Headers.ContentType!.ToString());
        Assert.Equal("no", response.Headers.GetValues("X-Accel-Buffering").Single());
        Assert.Equal("no-cache", response.Headers.CacheControl!.ToString());
        Assert.Equal(
            Head + """{"index":0,"delta":{"role":"assistant","content":""},"logprobs":null,"finish_reason":null}]}""" + "\n\n"
            + Head + """{"index":0,"delta":{"content":"A\n"},"logprobs":null,"finish_reason":null}]}""" + "\n\n"
            + Head + """{"index":0,"delta":{},"logprobs":null,"finish_reason":"stop","stop_reason":null}],"system_fingerprint":""" + $"\"{DemoModel.Fingerprint}\"}}\n\n"
            + "data: [DONE]\n\n",
            body);
    }

    [Fact]
    public async Task Stream_WithUsage_NullInEachChunkAndAChunkAtTheEnd()
    {
        using HttpResponseMessage response = await ChatAsync("\"stream\":true,\"stream_options\":{\"include_usage\":true}");
        ScriptedSequence sequence = await Generator.NextAsync();
        sequence.Emit(DemoModel.Encode("4"), FinishReason.None, numCachedTokens: 2);
        sequence.EndTurn();
        await using EventReader events = new(response);

        List<JsonNode> chunks = await events.RestAsync();

        Assert.All(chunks.SkipLast(1), static chunk => Assert.True(chunk.AsObject().ContainsKey("usage") && chunk["usage"] is null));
        Assert.Empty(chunks[^1]["choices"]!.AsArray());
        int prompt = sequence.Spec.PromptTokenIds.Count;
        Assert.Equal(
            $$$"""{"prompt_tokens":{{{prompt}}},"completion_tokens":2,"total_tokens":{{{prompt + 2}}},"prompt_tokens_details":{"cached_tokens":2}}""",
            chunks[^1]["usage"]!.ToJsonString());
        Assert.Single(chunks.Select(static chunk => (string)chunk["id"]!).Distinct());
    }

    [Fact]
    public async Task Stream_WithUsageInEveryChunk_CountsForTheChunksChoice()
    {
        using HttpResponseMessage response = await ChatAsync("\"stream\":true,\"n\":2,\"seed\":0,\"stream_options\":{\"include_usage\":true,\"continuous_usage_stats\":true}");
        ScriptedSequence[] sequences = [await Generator.NextAsync(), await Generator.NextAsync()];
        await using EventReader events = new(response);
        List<JsonNode> chunks = [];

        sequences.Single(static sequence => sequence.Spec.Sampling.Seed == 1).Emit([8, 8, 8], FinishReason.Length, numCachedTokens: 1);
        for (int i = 0; i < 4; i++)
        {
            chunks.Add(await events.NextChunkAsync());
        }

        sequences.Single(static sequence => sequence.Spec.Sampling.Seed == 0).Emit([8, 8], FinishReason.Length, numCachedTokens: 1);
        chunks.AddRange(await events.RestAsync());

        int prompt = sequences[0].Spec.PromptTokenIds.Count;
        Assert.All(chunks, chunk => Assert.Equal(prompt, (int)chunk["usage"]!["prompt_tokens"]!));
        Assert.All(chunks, chunk => Assert.Equal(prompt + (int)chunk["usage"]!["completion_tokens"]!, (int)chunk["usage"]!["total_tokens"]!));
        Assert.Equal([0, 0, 3, 3, 2, 2, 5], chunks.Select(static chunk => (int)chunk["usage"]!["completion_tokens"]!));
        Assert.Equal([0, 1, 1, 1, 1, 1, 1], chunks.Select(static chunk => (int)chunk["usage"]!["prompt_tokens_details"]!["cached_tokens"]!));
    }

    [Fact]
    public async Task Stream_UsageInEveryChunkWithoutUsage_IsNone()
    {
        Generator.OnStarted = static sequence => sequence.EndTurn();
        await using EventReader events = new(await ChatAsync("\"stream\":true,\"stream_options\":{\"continuous_usage_stats\":true}"));

        Assert.All(await events.RestAsync(), static chunk => Assert.False(chunk.AsObject().ContainsKey("usage")));
    }

    [Fact]
    public async Task Stream_Admitted_HeadersComeBeforeTheFirstToken()
    {
        using HttpResponseMessage response = await ChatAsync("\"stream\":true");

        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
    }

    [Fact]
    public async Task Stream_EachPiece_IsSentBeforeTheNextIsThere()
    {
        using HttpResponseMessage response = await ChatAsync("\"stream\":true");
        ScriptedSequence sequence = await Generator.NextAsync();
        await using EventReader events = new(response);

        sequence.Emit("4");
        JsonNode role = await events.NextChunkAsync();
        JsonNode first = await events.NextChunkAsync();
        sequence.Emit("2");
        JsonNode second = await events.NextChunkAsync();

        Assert.Equal("assistant", (string)role["choices"]![0]!["delta"]!["role"]!);
        Assert.Equal("4", (string)first["choices"]![0]!["delta"]!["content"]!);
        Assert.Equal("2", (string)second["choices"]![0]!["delta"]!["content"]!);
    }

    [Fact]
    public async Task Stream_SeveralChoices_AllBeginInOrderAndThenInterleave()
    {
        using HttpResponseMessage response = await ChatAsync("\"stream\":true,\"n\":2,\"seed\":0");
        ScriptedSequence[] sequences = [await Generator.NextAsync(), await Generator.NextAsync()];
        ScriptedSequence first = sequences.Single(static sequence => sequence.Spec.Sampling.Seed == 0);
        ScriptedSequence second = sequences.Single(static sequence => sequence.Spec.Sampling.Seed == 1);
        await using EventReader events = new(response);
        List<JsonNode> chunks = [];

        second.Emit("b");
        chunks.Add(await events.NextChunkAsync());
        chunks.Add(await events.NextChunkAsync());
        chunks.Add(await events.NextChunkAsync());
        first.Emit("a");
        chunks.Add(await events.NextChunkAsync());
        first.EndTurn();
        chunks.Add(await events.NextChunkAsync());
        second.Emit("c", FinishReason.Length);
        chunks.AddRange(await events.RestAsync());

        Assert.Equal(
            ["0:role", "1:role", "1:b", "0:a", "0:stop", "1:c", "1:length"],
            chunks.Select(static chunk => chunk["choices"]![0]!).Select(static choice => $"{choice["index"]}:"
                + (choice["finish_reason"] is { } reason ? (string)reason! : choice["delta"]!["role"] is not null ? "role" : (string)choice["delta"]!["content"]!)));
    }

    [Fact]
    public async Task Stream_CharacterInPieces_IsHeldUntilItIsWhole()
    {
        int[] tokens = DemoModel.Encode("😀");
        Assert.True(tokens.Length > 1, "the vocabulary must spell this character in several tokens");
        using HttpResponseMessage response = await ChatAsync("\"stream\":true");
        ScriptedSequence sequence = await Generator.NextAsync();
        foreach (int token in tokens)
        {
            sequence.Emit(token);
        }

        sequence.EndTurn();
        await using EventReader events = new(response);

        List<JsonNode> chunks = await events.RestAsync();

        Assert.Equal(["", "😀"], chunks.Select(static chunk => (string?)chunk["choices"]![0]!["delta"]!["content"]).OfType<string>());
    }

    [Fact]
    public async Task Stream_ArrivesTogether_LeavesTogether()
    {
        using HttpResponseMessage response = await ChatAsync("\"stream\":true");
        ScriptedSequence sequence = await Generator.NextAsync();
        sequence.Emit("one two three");
        sequence.EndTurn();
        await using EventReader events = new(response);

        List<JsonNode> chunks = await events.RestAsync();

        Assert.Equal("one two three", (string)chunks[1]["choices"]![0]!["delta"]!["content"]!);
    }

    [Fact]
    public async Task Stream_ClientReadsSlowly_PiecesAreJoinedAndNoneIsLost()
    {
        // Five times what sockets buffer: the client reads only when all of it was generated.
        const int numTokens = 100_000;
        int four = Assert.Single(DemoModel.Encode("4"));
        using HttpResponseMessage response = await ChatAsync("\"stream\":true");
        ScriptedSequence sequence = await Generator.NextAsync();
        for (int i = 0; i < numTokens; i++)
        {
            sequence.Emit(four);
        }

        sequence.EndTurn();
        await using EventReader events = new(response);

        List<JsonNode> chunks = await events.RestAsync();

        Assert.True(chunks.Count < numTokens, $"{chunks.Count} chunks");
        Assert.Equal(numTokens, chunks.Sum(static chunk => ((string?)chunk["choices"]![0]!["delta"]!["content"])?.Length ?? 0));
    }
}
