using System.Text;
using System.Text.Json.Nodes;
using Dynamo.Protocol.Frames;
using Dynamo.UnitTests.Frontend.Support;
using Xunit;

namespace Dynamo.UnitTests.Frontend;

public sealed class LogprobTests : FrontendTest
{
    private static readonly int Four = Assert.Single(DemoModel.Encode("4"));
    private static readonly int Two = Assert.Single(DemoModel.Encode("2"));
    private static readonly int PartOfFace = DemoModel.Encode("😀")[0];

    [Fact]
    public async Task Chat_Logprobs_HaveTokenBytesAndAlternatives()
    {
        Generator.OnStarted = static sequence => sequence.Emit(
            [Four], FinishReason.Length, [new TokenLogprobs(-0.5f, [new TokenLogprob(Four, -0.5f), new TokenLogprob(PartOfFace, float.NegativeInfinity)])]);

        using HttpResponseMessage response = await ChatAsync("\"logprobs\":true,\"top_logprobs\":2");

        byte[] part = DemoModel.Tokenizer.TokenBytes(PartOfFace).ToArray();
        string partName = "bytes:" + string.Concat(part.Select(static b => $"\\\\x{b:x2}"));
        Assert.Equal(
            """{"content":[{"token":"4","logprob":-0.5,"bytes":[52],"top_logprobs":[{"token":"4","logprob":-0.5,"bytes":[52]},"""
            + $$"""{"token":"{{partName}}","logprob":-9999,"bytes":[{{string.Join(",", part)}}]}]}],"refusal":null}""",
            (await JsonAsync(response))["choices"]![0]!["logprobs"]!.ToJsonString(new() { Encoder = System.Text.Encodings.Web.JavaScriptEncoder.UnsafeRelaxedJsonEscaping }));
    }

    [Fact]
    public async Task Chat_LogprobsWithoutAlternatives_AskTheEngineForNone()
    {
        Generator.OnStarted = static sequence => sequence.Emit([Four], FinishReason.Length, [new TokenLogprobs(-1, [])]);

        using HttpResponseMessage response = await ChatAsync("\"logprobs\":true");

        Assert.Equal(0, (await Generator.NextAsync()).Spec.Sampling.NumLogprobs);
        Assert.Empty((await JsonAsync(response))["choices"]![0]!["logprobs"]!["content"]![0]!["top_logprobs"]!.AsArray());
    }

    [Fact]
    public async Task Chat_LogprobsStreamed_ComeWithTheirTokens()
    {
        using HttpResponseMessage response = await ChatAsync("\"logprobs\":true,\"stream\":true,\"stop\":\"42\"");
        ScriptedSequence sequence = await Generator.NextAsync();
        await using EventReader events = new(response);
        sequence.Emit([Four], FinishReason.None, [new TokenLogprobs(-1, [])]);
        await events.NextAsync();
        JsonNode first = (await events.NextChunkAsync())["choices"]![0]!;
        sequence.Emit([Two, Four], FinishReason.None, [new TokenLogprobs(-2, []), new TokenLogprobs(-3, [])]);
        JsonNode second = (await events.NextChunkAsync())["choices"]![0]!;

        // The text is held back as it may begin the stop string; its tokens are told all the same, those behind the stop string are not.
        Assert.Equal("", (string)first["delta"]!["content"]!);
        Assert.Equal([-1f], first["logprobs"]!["content"]!.AsArray().Select(static token => (float)token!["logprob"]!));
        Assert.Equal([-2f], second["logprobs"]!["content"]!.AsArray().Select(static token => (float)token!["logprob"]!));
    }

    [Fact]
    public async Task Chat_LogprobsStreamed_TheModelsEndComesWithTheEnd()
    {
        await using EventReader events = new(await ChatAsync("\"logprobs\":true,\"return_token_ids\":true,\"stream\":true"));
        ScriptedSequence sequence = await Generator.NextAsync();
        sequence.Emit([Four], FinishReason.None, [new TokenLogprobs(-1, [])]);
        await events.NextAsync();
        JsonNode piece = (await events.NextChunkAsync())["choices"]![0]!;
        sequence.Emit([DemoModel.EndOfTurn], FinishReason.Stop, [new TokenLogprobs(-2, [])]);
        JsonNode end = Assert.Single(await events.RestAsync())["choices"]![0]!;

        Assert.Equal("4", (string)piece["delta"]!["content"]!);
        Assert.Equal("stop", (string)end["finish_reason"]!);
        Assert.Empty(end["delta"]!.AsObject());
        Assert.Equal([-2f], end["logprobs"]!["content"]!.AsArray().Select(static token => (float)token!["logprob"]!));
        Assert.Equal([DemoModel.EndOfTurn], end["token_ids"]!.AsArray().Select(static id => (int)id!));
    }

    [Fact]
    public async Task Completion_Logprobs_AreFourParallelLists()
    {
        int[] face = DemoModel.Encode("😀");
        int[] tokens = [.. face, Four, Two];
        TokenLogprobs[] logprobs = [.. tokens.Select(static token => new TokenLogprobs(-1, [new TokenLogprob(Four, -0.25f)]))];
        Generator.OnStarted = sequence => sequence.Emit(tokens, FinishReason.Length, logprobs);

        using HttpResponseMessage response = await CompleteAsync("\"logprobs\":1");

        JsonNode lists = (await JsonAsync(response))["choices"]![0]!["logprobs"]!;
        Assert.Equal(tokens.Length, lists["tokens"]!.AsArray().Count);
        Assert.All(lists["tokens"]!.AsArray().Take(face.Length), static token => Assert.StartsWith("bytes:", (string)token!, StringComparison.Ordinal));
        Assert.Equal(["4", "2"], lists["tokens"]!.AsArray().Skip(face.Length).Select(static token => (string)token!));
        Assert.Equal(tokens.Select(static _ => -1f), lists["token_logprobs"]!.AsArray().Select(static value => (float)value!));
        Assert.Equal([.. face.Select(static _ => 0), 1, 2], lists["text_offset"]!.AsArray().Select(static value => (int)value!));
        Assert.Equal("""{"4":-0.25}""", lists["top_logprobs"]![face.Length]!.ToJsonString());
        Assert.Equal("""{"4":-0.25,"2":-1}""", lists["top_logprobs"]![face.Length + 1]!.ToJsonString());
    }

    [Fact]
    public async Task Completion_Logprobs_TextOfTokensIsTheAnswer()
    {
        int[] tokens = DemoModel.Encode("The code of Ada is 4821.");
        TokenLogprobs[] logprobs = [.. tokens.Select(static _ => new TokenLogprobs(-1, []))];
        Generator.OnStarted = sequence => sequence.Emit(tokens, FinishReason.Length, logprobs);

        using HttpResponseMessage response = await CompleteAsync("\"logprobs\":0");

        JsonNode choice = (await JsonAsync(response))["choices"]![0]!;
        string text = (string)choice["text"]!;
        StringBuilder joined = new();
        foreach ((JsonNode? token, JsonNode? offset) in choice["logprobs"]!["tokens"]!.AsArray().Zip(choice["logprobs"]!["text_offset"]!.AsArray()))
        {
            Assert.Equal(joined.Length, (int)offset!);
            joined.Append((string)token!);
        }

        Assert.Equal(text, joined.ToString());
    }
}
