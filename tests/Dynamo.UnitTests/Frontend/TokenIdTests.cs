using System.Text.Json.Nodes;
using Dynamo.Protocol.Frames;
using Dynamo.UnitTests.Frontend.Support;
using Xunit;

namespace Dynamo.UnitTests.Frontend;

/// <summary>vLLM's <c>return_token_ids</c> and <c>return_tokens_as_token_ids</c>, in the places where vLLM answers them.</summary>
public sealed class TokenIdTests : FrontendTest
{
    private static readonly int Four = Assert.Single(DemoModel.Encode("4"));
    private static readonly int Two = Assert.Single(DemoModel.Encode("2"));

    [Fact]
    public async Task Chat_HasThePromptBesideAndTheAnswersInTheChoices()
    {
        Generator.OnStarted = static sequence => sequence.Emit([Four, Two, DemoModel.EndOfTurn], FinishReason.Stop);

        using HttpResponseMessage response = await ChatAsync("\"return_token_ids\":true,\"n\":2");

        JsonNode answer = await JsonAsync(response);
        Assert.Equal((await Generator.NextAsync()).Spec.PromptTokenIds, Ids(answer["prompt_token_ids"]));
        Assert.All(answer["choices"]!.AsArray(), static choice => Assert.Equal([Four, Two, DemoModel.EndOfTurn], Ids(choice!["token_ids"])));
    }

    [Fact]
    public async Task Chat_Streamed_HasThePromptInTheFirstChunkOfEachChoice()
    {
        Generator.OnStarted = static sequence => sequence.Emit([Four, Two, DemoModel.EndOfTurn], FinishReason.Stop);
        await using EventReader events = new(await ChatAsync("\"return_token_ids\":true,\"n\":2,\"stream\":true"));

        List<JsonNode> chunks = await events.RestAsync();

        IReadOnlyList<int> prompt = (await Generator.NextAsync()).Spec.PromptTokenIds;
        Assert.All(chunks.Take(2), chunk => Assert.Equal(prompt, Ids(chunk["prompt_token_ids"])));
        Assert.All(chunks.Skip(2), static chunk => Assert.False(chunk.AsObject().ContainsKey("prompt_token_ids")));
        Assert.Equal([Four, Two, DemoModel.EndOfTurn], StreamedIds(chunks, 0));
        Assert.Equal([Four, Two, DemoModel.EndOfTurn], StreamedIds(chunks, 1));
    }

    [Fact]
    public async Task Completions_HaveBothInTheChoices()
    {
        Generator.OnStarted = static sequence => sequence.Emit([Four, sequence.Spec.PromptTokenIds[0]], FinishReason.Length);

        using HttpResponseMessage response = await CompleteAsync("\"return_token_ids\":true,\"n\":2", "[[5],[6,7]]");

        JsonNode answer = await JsonAsync(response);
        Assert.False(answer.AsObject().ContainsKey("prompt_token_ids"));
        Assert.Equal([[5], [5], [6, 7], [6, 7]], answer["choices"]!.AsArray().Select(static choice => Ids(choice!["prompt_token_ids"])));
        Assert.Equal([[Four, 5], [Four, 5], [Four, 6], [Four, 6]], answer["choices"]!.AsArray().Select(static choice => Ids(choice!["token_ids"])));
    }

    [Fact]
    public async Task Completions_Streamed_HaveThePromptInTheFirstChunkOfEachChoice()
    {
        Generator.OnStarted = static sequence =>
        {
            sequence.Emit(Four);
            sequence.Emit([sequence.Spec.PromptTokenIds[0]], FinishReason.Length);
        };
        await using EventReader events = new(await CompleteAsync("\"return_token_ids\":true,\"stream\":true", "[[5],[6,7]]"));

        List<JsonNode> chunks = await events.RestAsync();

        List<JsonNode> choices = [.. chunks.Select(static chunk => chunk["choices"]![0]!)];
        Assert.Equal([[5], [6, 7]], choices.Take(2).Select(static choice => Ids(choice["prompt_token_ids"])));
        Assert.All(choices.Skip(2), static choice => Assert.True(choice.AsObject().TryGetPropertyValue("prompt_token_ids", out JsonNode? ids) && ids is null));
        Assert.Equal([Four, 5], StreamedIds(chunks, 0));
        Assert.Equal([Four, 6], StreamedIds(chunks, 1));
    }

    [Fact]
    public async Task StopString_TokensThatMadeItAreThereAndThoseBehindItAreNot()
    {
        Generator.OnStarted = static sequence => sequence.Emit([Four, Two, Four], FinishReason.None);
        await using EventReader events = new(await ChatAsync("\"return_token_ids\":true,\"stream\":true,\"stop\":\"42\""));

        Assert.Equal([Four, Two], StreamedIds(await events.RestAsync(), 0));
    }

    [Fact]
    public async Task NotAskedFor_NothingIsThere()
    {
        Generator.OnStarted = static sequence => sequence.EndTurn();

        using HttpResponseMessage chat = await ChatAsync();
        using HttpResponseMessage completion = await CompleteAsync("\"return_token_ids\":false");

        Assert.DoesNotContain("token_ids", await chat.Content.ReadAsStringAsync(), StringComparison.Ordinal);
        Assert.DoesNotContain("token_ids", await completion.Content.ReadAsStringAsync(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Chat_TokensAsIds_NamesAreNumbersAndBytesAreTheTokens()
    {
        Generator.OnStarted = static sequence => sequence.Emit([Four], FinishReason.Length, [new TokenLogprobs(-0.5f, [new TokenLogprob(Two, -0.25f)])]);

        using HttpResponseMessage response = await ChatAsync("\"return_tokens_as_token_ids\":true,\"logprobs\":true,\"top_logprobs\":1");

        Assert.Equal(
            $$"""[{"token":"token_id:{{Four}}","logprob":-0.5,"bytes":[52],"top_logprobs":[{"token":"token_id:{{Two}}","logprob":-0.25,"bytes":[50]}]}]""",
            (await JsonAsync(response))["choices"]![0]!["logprobs"]!["content"]!.ToJsonString());
    }

    [Fact]
    public async Task Completion_TokensAsIds_AreNamesInAllLists()
    {
        Generator.OnStarted = static sequence => sequence.Emit([Four], FinishReason.Length, [new TokenLogprobs(-0.5f, [new TokenLogprob(Two, -0.25f)])]);

        using HttpResponseMessage response = await CompleteAsync("\"return_tokens_as_token_ids\":true,\"logprobs\":1");

        Assert.Equal(
            $$$"""{"tokens":["token_id:{{{Four}}}"],"token_logprobs":[-0.5],"top_logprobs":[{"token_id:{{{Two}}}":-0.25,"token_id:{{{Four}}}":-0.5}],"text_offset":[0]}""",
            (await JsonAsync(response))["choices"]![0]!["logprobs"]!.ToJsonString());
    }

    private static IEnumerable<int> StreamedIds(IEnumerable<JsonNode> chunks, int index) =>
        chunks.Select(static chunk => chunk["choices"]![0]!).Where(choice => (int)choice["index"]! == index).SelectMany(static choice => Ids(choice["token_ids"]));

    private static int[] Ids(JsonNode? list) => [.. (list?.AsArray() ?? []).Select(static id => (int)id!)];
}
