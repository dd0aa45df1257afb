using System.Net;
using System.Text.Json.Nodes;
using Dynamo.Protocol.Frames;
using Dynamo.UnitTests.Frontend.Support;
using Xunit;

namespace Dynamo.UnitTests.Frontend;

public sealed class CompletionTests : FrontendTest
{
    [Fact]
    public async Task Completion_WholeAnswer_IsExactlyThis()
    {
        Generator.OnStarted = static sequence => sequence.Emit("42", FinishReason.Length);

        using HttpResponseMessage response = await CompleteAsync(prompt: "[5,6]");

        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
        Assert.Equal(
            """{"id":"ID","object":"text_completion","created":946684800,"model":"demo","choices":["""
            + """{"index":0,"text":"42","logprobs":null,"finish_reason":"length","stop_reason":null}],"""
            + $"\"system_fingerprint\":\"{DemoModel.Fingerprint}\",\"usage\":" + """{"prompt_tokens":2,"completion_tokens":2,"total_tokens":4,"prompt_tokens_details":{"cached_tokens":0}}}""",
            await EventReader.BodyAsync(response));
    }

    [Fact]
    public async Task Completion_Stream_IsExactlyTheseBytes()
    {
        using HttpResponseMessage response = await CompleteAsync("\"stream\":true,\"stream_options\":{\"include_usage\":true}", "[5,6]");
        ScriptedSequence sequence = await Generator.NextAsync();
        sequence.Emit("4");
        await using EventReader events = new(response);
        string first = await events.NextAsync();
        sequence.Emit("2", FinishReason.Length);
        string second = await events.NextAsync();
        string third = await events.NextAsync();

        string fingerprint = $",\"system_fingerprint\":\"{DemoModel.Fingerprint}\"}}";
        const string head = ""","object":"text_completion","created":946684800,"model":"demo","choices":[""";
        Assert.EndsWith(head + """{"index":0,"text":"4","logprobs":null,"finish_reason":null}],"usage":null}""", first, StringComparison.Ordinal);
        Assert.EndsWith(head + """{"index":0,"text":"2","logprobs":null,"finish_reason":"length","stop_reason":null}],"usage":null""" + fingerprint, second, StringComparison.Ordinal);
        Assert.EndsWith(
            head + """],"usage":{"prompt_tokens":2,"completion_tokens":2,"total_tokens":4,"prompt_tokens_details":{"cached_tokens":0}}""" + fingerprint, third, StringComparison.Ordinal);
        Assert.Equal("[DONE]", await events.NextAsync());
    }

    [Theory]
    [InlineData("\"Add 3\"", true)]
    [InlineData("\"Add 3\"", false)]
    public async Task TextPrompt_SpecialTokensUnlessTurnedOff(string prompt, bool special)
    {
        ScriptedSequence sequence = await SeenAsync(() => CompleteAsync(special ? "" : "\"add_special_tokens\":false", prompt));

        Assert.Equal(DemoModel.Tokenizer.Encode("Add 3", special), sequence.Spec.PromptTokenIds);
    }

    [Fact]
    public async Task TokenPrompt_IsTakenAsItIs()
    {
        ScriptedSequence sequence = await SeenAsync(() => CompleteAsync(prompt: "[5,1023,0]"));

        Assert.Equal([5, 1023, 0], sequence.Spec.PromptTokenIds);
    }

    [Theory]
    [InlineData("[\"a\",\"b\"]")]
    [InlineData("[[5],[6,7]]")]
    public async Task SeveralPrompts_ChoicesFollowTheirOrder(string prompt)
    {
        Task<HttpResponseMessage> asking = CompleteAsync("\"n\":2,\"seed\":10", prompt);
        ScriptedSequence[] sequences = [await Generator.NextAsync(), await Generator.NextAsync(), await Generator.NextAsync(), await Generator.NextAsync()];
        foreach (ScriptedSequence sequence in sequences)
        {
            sequence.Emit([.. DemoModel.Encode($"{sequence.Spec.PromptTokenIds[^1]}:{sequence.Spec.Sampling.Seed}")], FinishReason.Length, numCachedTokens: 1);
        }

        using HttpResponseMessage response = await asking;

        JsonNode answer = await JsonAsync(response);
        int[] last = prompt[1] == '"' ? [DemoModel.Encode("a")[^1], DemoModel.Encode("b")[^1]] : [5, 7];
        Assert.Equal(
            [$"{last[0]}:10", $"{last[0]}:11", $"{last[1]}:10", $"{last[1]}:11"],
            answer["choices"]!.AsArray().OrderBy(static choice => (int)choice!["index"]!).Select(static choice => (string)choice!["text"]!));
        Assert.Equal(sequences.Sum(static sequence => sequence.Spec.PromptTokenIds.Count) / 2, (int)answer["usage"]!["prompt_tokens"]!);
        Assert.Equal(2, (int)answer["usage"]!["prompt_tokens_details"]!["cached_tokens"]!);
    }

    [Theory]
    [InlineData("\"Add 3\"")]
    [InlineData(null)]
    public async Task Echo_AnswersBeginWithThePrompt(string? prompt)
    {
        Generator.OnStarted = static sequence => sequence.Emit("42", FinishReason.Length);

        using HttpResponseMessage response = await CompleteAsync("\"echo\":true", prompt ?? $"[{string.Join(",", DemoModel.Encode("Add 3"))}]");

        Assert.Equal("Add 342", (string)(await JsonAsync(response))["choices"]![0]!["text"]!);
    }

    [Fact]
    public async Task Echo_Streamed_ThePromptComesFirst()
    {
        using HttpResponseMessage response = await CompleteAsync("\"echo\":true,\"stream\":true", "\"Add 3\"");
        ScriptedSequence sequence = await Generator.NextAsync();
        sequence.Emit("4");
        await using EventReader events = new(response);

        Assert.Equal("Add 34", (string)(await events.NextChunkAsync())["choices"]![0]!["text"]!);
    }

    [Fact]
    public async Task SeveralPrompts_Streamed_AllBeginInOrderBeforeOneSaysAnything()
    {
        using HttpResponseMessage response = await CompleteAsync("\"stream\":true,\"echo\":true,\"stream_options\":{\"include_usage\":true,\"continuous_usage_stats\":true}", "[[5],[6,7],[8]]");
        ScriptedSequence[] sequences = [await Generator.NextAsync(), await Generator.NextAsync(), await Generator.NextAsync()];
        await using EventReader events = new(response);
        List<JsonNode> chunks = [];

        sequences.Single(static sequence => sequence.Spec.PromptTokenIds[0] == 6).Emit("b", FinishReason.Length);
        for (int i = 0; i < 4; i++)
        {
            chunks.Add(await events.NextChunkAsync());
        }

        sequences.Single(static sequence => sequence.Spec.PromptTokenIds[0] == 5).Emit("a", FinishReason.Length);
        chunks.Add(await events.NextChunkAsync());
        sequences.Single(static sequence => sequence.Spec.PromptTokenIds[0] == 8).Emit("c", FinishReason.Length);
        chunks.AddRange(await events.RestAsync());

        Assert.Equal(
            [$"0:{DemoModel.Tokenizer.Decode([5], true)}", $"1:{DemoModel.Tokenizer.Decode([6, 7], true)}", $"2:{DemoModel.Tokenizer.Decode([8], true)}", "1:b:length", "0:a:length", "2:c:length"],
            chunks.SkipLast(1).Select(static chunk => chunk["choices"]![0]!).Select(static choice => $"{choice["index"]}:{choice["text"]}" + (choice["finish_reason"] is { } reason ? $":{reason}" : "")));
        Assert.Equal([1, 2, 1, 2, 1, 1, 4], chunks.Select(static chunk => (int)chunk["usage"]!["prompt_tokens"]!));
        Assert.Equal([0, 0, 0, 1, 1, 1, 3], chunks.Select(static chunk => (int)chunk["usage"]!["completion_tokens"]!));
    }

    [Fact]
    public async Task PromptThatEndsInsideACharacter_TheAnswerCompletesIt()
    {
        int[] face = DemoModel.Encode("😀");
        Generator.OnStarted = sequence => sequence.Emit(face[1..], FinishReason.Length);

        using HttpResponseMessage response = await CompleteAsync(prompt: $"[{face[0]}]");

        Assert.Equal("😀", (string)(await JsonAsync(response))["choices"]![0]!["text"]!);
    }
}
