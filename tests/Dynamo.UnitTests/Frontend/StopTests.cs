using System.Text.Json.Nodes;
using Dynamo.Protocol.Frames;
using Dynamo.UnitTests.Frontend.Support;
using Xunit;

namespace Dynamo.UnitTests.Frontend;

public sealed class StopTests : FrontendTest
{
    [Fact]
    public async Task StopString_AcrossTokens_CutsTheTextAndAbortsTheSequence()
    {
        Task<HttpResponseMessage> asking = ChatAsync("\"stop\":[\"3 4\"]");
        ScriptedSequence sequence = await Generator.NextAsync();
        int[] tokens = DemoModel.Encode("1 2 3 4 5 6");
        int needed = Enumerable.Range(1, tokens.Length).First(n => DemoModel.Tokenizer.Decode(tokens.AsSpan(0, n), true).Contains("3 4", StringComparison.Ordinal));
        foreach (int token in tokens)
        {
            sequence.Emit(token);
        }

        using HttpResponseMessage response = await asking;
        await sequence.Disposed;

        JsonNode answer = await JsonAsync(response);
        Assert.Equal("1 2 ", (string)answer["choices"]![0]!["message"]!["content"]!);
        Assert.Equal("stop", (string)answer["choices"]![0]!["finish_reason"]!);
        Assert.Equal("3 4", (string)answer["choices"]![0]!["stop_reason"]!);
        Assert.Equal(needed, (int)answer["usage"]!["completion_tokens"]!);
    }

    [Fact]
    public async Task StopString_Included_EndsTheText()
    {
        Generator.OnStarted = static sequence => sequence.Emit("1 2 3 4 5 6");

        using HttpResponseMessage response = await ChatAsync("\"stop\":\"3\",\"include_stop_str_in_output\":true");

        Assert.Equal("1 2 3", (string)(await JsonAsync(response))["choices"]![0]!["message"]!["content"]!);
    }

    [Fact]
    public async Task StopString_Streamed_IsNeverSentInPart()
    {
        using HttpResponseMessage response = await ChatAsync("\"stream\":true,\"stop\":[\"STOP\"]");
        ScriptedSequence sequence = await Generator.NextAsync();
        foreach (string piece in (string[])["a ST", "x ST", "OP", " never"])
        {
            sequence.Emit(piece);
        }

        await using EventReader events = new(response);
        List<JsonNode> chunks = await events.RestAsync();

        Assert.Equal("a STx ", string.Concat(chunks.Select(static chunk => (string?)chunk["choices"]![0]!["delta"]!["content"])));
        Assert.DoesNotContain(chunks, static chunk => (string?)chunk["choices"]![0]!["delta"]!["content"] == "a ST");
        Assert.Equal("stop", (string)chunks[^1]["choices"]![0]!["finish_reason"]!);
        await sequence.Disposed;
    }

    [Fact]
    public async Task StopString_HeldBackAtTheEnd_ComesOut()
    {
        Generator.OnStarted = static sequence => sequence.Emit("1 2", FinishReason.Length);

        using HttpResponseMessage response = await ChatAsync("\"stop\":[\"2 3\"]");

        Assert.Equal("1 2", (string)(await JsonAsync(response))["choices"]![0]!["message"]!["content"]!);
    }

    [Fact]
    public async Task StopString_BeforeMinTokens_IsText()
    {
        int[] three = [.. DemoModel.Encode("1"), .. DemoModel.Encode("1"), .. DemoModel.Encode("1")];
        Assert.Equal(3, three.Length);
        Generator.OnStarted = sequence => sequence.Emit(three, FinishReason.None);

        using HttpResponseMessage response = await ChatAsync("\"stop\":[\"1\"],\"min_tokens\":2");

        JsonNode answer = await JsonAsync(response);
        Assert.Equal("11", (string)answer["choices"]![0]!["message"]!["content"]!);
        Assert.Equal(3, (int)answer["usage"]!["completion_tokens"]!);
    }

    [Fact]
    public async Task StopToken_EndsTheAnswer_IsNamedAndNotInTheText()
    {
        int five = Assert.Single(DemoModel.Encode("5"));
        Generator.OnStarted = sequence => sequence.Emit([.. DemoModel.Encode("4"), five], FinishReason.Stop);

        using HttpResponseMessage plain = await ChatAsync($"\"stop_token_ids\":[{five}]");
        using HttpResponseMessage included = await ChatAsync($"\"stop_token_ids\":[{five}],\"include_stop_str_in_output\":true");

        JsonNode choice = (await JsonAsync(plain))["choices"]![0]!;
        Assert.Equal("4", (string)choice["message"]!["content"]!);
        Assert.Equal(five, (int)choice["stop_reason"]!);
        Assert.Equal("45", (string)(await JsonAsync(included))["choices"]![0]!["message"]!["content"]!);
    }

    [Fact]
    public async Task StopStringInOneChoice_TheOtherGoesOn()
    {
        Task<HttpResponseMessage> asking = ChatAsync("\"n\":2,\"stop\":\"X\",\"seed\":0");
        ScriptedSequence[] sequences = [await Generator.NextAsync(), await Generator.NextAsync()];
        ScriptedSequence first = sequences.Single(static sequence => sequence.Spec.Sampling.Seed == 0);
        ScriptedSequence second = sequences.Single(static sequence => sequence.Spec.Sampling.Seed == 1);

        first.Emit("aXb");
        await first.Disposed;
        Assert.False(second.IsDisposed);
        second.Emit("c", FinishReason.Length);

        using HttpResponseMessage response = await asking;
        Assert.Equal(["a", "c"], (await JsonAsync(response))["choices"]!.AsArray().Select(static choice => (string)choice!["message"]!["content"]!));
    }

    [Fact]
    public async Task StopString_WhateverTheDeltas_TheAnswerIsTheSame()
    {
        int[] tokens = DemoModel.Encode("Ada has 12 apples and 30 pears. END and more");
        HashSet<string> answers = [];
        for (int size = 1; size <= tokens.Length; size++)
        {
            int length = size;
            Generator.OnStarted = sequence =>
            {
                foreach (int[] piece in tokens.Chunk(length))
                {
                    sequence.Emit(piece);
                }
            };
            using HttpResponseMessage response = await ChatAsync("\"stop\":[\"END\"]");
            answers.Add(await EventReader.BodyAsync(response));
        }

        Assert.Contains("Ada has 12 apples and 30 pears. \"", Assert.Single(answers), StringComparison.Ordinal);
    }
}
