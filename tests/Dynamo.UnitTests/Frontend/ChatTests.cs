using System.Net;
using System.Text.Json.Nodes;
using Dynamo.Protocol.Frames;
using Dynamo.UnitTests.Frontend.Support;
using Xunit;

namespace Dynamo.UnitTests.Frontend;

public sealed class ChatTests : FrontendTest
{
    [Fact]
    public async Task Chat_WholeAnswer_IsExactlyThis()
    {
        Task<HttpResponseMessage> asking = ChatAsync();
        ScriptedSequence sequence = await Generator.NextAsync();
        sequence.Emit(DemoModel.Encode("4"), FinishReason.None, numCachedTokens: 3);
        sequence.Emit("2");
        sequence.EndTurn();

        using HttpResponseMessage response = await asking;

        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
        Assert.Equal("application/json", response.Content.Headers.ContentType!.ToString());
        int prompt = sequence.Spec.PromptTokenIds.Count;
        const string head = """{"id":"ID","object":"chat.completion","created":946684800,"model":"demo","choices":[""";
        const string choice = """{"index":0,"message":{"role":"assistant","content":"42","refusal":null},"logprobs":null,"finish_reason":"stop","stop_reason":null}""";
        string usage = $$$"""{"prompt_tokens":{{{prompt}}},"completion_tokens":3,"total_tokens":{{{prompt + 3}}},"prompt_tokens_details":{"cached_tokens":3}}""";
        Assert.Equal(head + choice + $"],\"system_fingerprint\":\"{DemoModel.Fingerprint}\",\"usage\":" + usage + "}", await EventReader.BodyAsync(response));
    }

    [Fact]
    public async Task Chat_MaxTokensReached_FinishesWithLength()
    {
        Generator.OnStarted = static sequence => sequence.Emit("42", FinishReason.Length);

        using HttpResponseMessage response = await ChatAsync("\"max_tokens\":2");

        JsonNode choice = (await JsonAsync(response))["choices"]![0]!;
        Assert.Equal("length", (string)choice["finish_reason"]!);
        Assert.Equal("42", (string)choice["message"]!["content"]!);
    }

    [Fact]
    public async Task Chat_SeveralChoices_EachHasItsOwnSeedAndText()
    {
        Task<HttpResponseMessage> asking = ChatAsync("\"n\":3,\"seed\":7");
        ScriptedSequence[] sequences = [await Generator.NextAsync(), await Generator.NextAsync(), await Generator.NextAsync()];
        foreach (ScriptedSequence sequence in sequences.Reverse())
        {
            sequence.Emit($"{sequence.Spec.Sampling.Seed}");
            sequence.EndTurn();
        }

        using HttpResponseMessage response = await asking;

        JsonNode answer = await JsonAsync(response);
        Assert.Equal(["7", "8", "9"], answer["choices"]!.AsArray().Select(static choice => (string)choice!["message"]!["content"]!));
        Assert.Equal([0, 1, 2], answer["choices"]!.AsArray().Select(static choice => (int)choice!["index"]!));
        Assert.Equal(6, (int)answer["usage"]!["completion_tokens"]!);
        Assert.Equal(sequences[0].Spec.PromptTokenIds.Count, (int)answer["usage"]!["prompt_tokens"]!);
    }

    [Fact]
    public async Task Chat_TextSplitInsideACharacter_IsWholeAgain()
    {
        int[] tokens = DemoModel.Encode("žluťoučký 😀 kůň");
        Generator.OnStarted = sequence =>
        {
            foreach (int token in tokens)
            {
                sequence.Emit(token);
            }

            sequence.EndTurn();
        };

        using HttpResponseMessage response = await ChatAsync();

        Assert.Equal("žluťoučký 😀 kůň", (string)(await JsonAsync(response))["choices"]![0]!["message"]!["content"]!);
    }

    [Fact]
    public async Task Chat_SpecialTokensNotSkipped_AreInTheText()
    {
        Generator.OnStarted = static sequence =>
        {
            sequence.Emit(1020);
            sequence.EndTurn();
        };

        using HttpResponseMessage shown = await ChatAsync("\"skip_special_tokens\":false");
        using HttpResponseMessage hidden = await ChatAsync();

        Assert.Equal("<|start_header_id|>", (string)(await JsonAsync(shown))["choices"]![0]!["message"]!["content"]!);
        Assert.Equal("", (string)(await JsonAsync(hidden))["choices"]![0]!["message"]!["content"]!);
    }
}
