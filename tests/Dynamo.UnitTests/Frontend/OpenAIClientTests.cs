using System.ClientModel;
using System.ClientModel.Primitives;
using System.Text;
using Dynamo.Protocol.Frames;
using Dynamo.Serving.Streams;
using Dynamo.UnitTests.Frontend.Support;
using OpenAI;
using OpenAI.Chat;
using OpenAI.Models;
using Xunit;

namespace Dynamo.UnitTests.Frontend;

/// <summary>The official OpenAI client for .NET, as it comes from its package.</summary>
public sealed class OpenAIClientTests : FrontendTest
{
    private OpenAIClient _client = null!;

    public override async Task InitializeAsync()
    {
        await base.InitializeAsync();
        OpenAIClientOptions options = new() { Endpoint = new Uri(Host.Address, "v1"), RetryPolicy = new ClientRetryPolicy(0), NetworkTimeout = Waiting.Limit };
        _client = new OpenAIClient(new ApiKeyCredential("none"), options);
    }

    [Fact]
    public async Task Chat_Answers()
    {
        Generator.OnStarted = static sequence =>
        {
            sequence.Emit(DemoModel.Encode("42"), FinishReason.None, numCachedTokens: 5);
            sequence.EndTurn();
        };

        ChatCompletion answer = await Chat.CompleteChatAsync(
            [new SystemChatMessage("Be brief."), new UserChatMessage("What is 17 + 25?")],
            new ChatCompletionOptions { Temperature = 0, MaxOutputTokenCount = 10, StopSequences = { "never" } });

        ScriptedSequence sequence = await Generator.NextAsync();
        Assert.Equal("42", answer.Content[0].Text);
        Assert.Equal(ChatFinishReason.Stop, answer.FinishReason);
        Assert.Equal(ChatMessageRole.Assistant, answer.Role);
        Assert.Equal("demo", answer.Model);
        Assert.Equal(Time.GetUtcNow(), answer.CreatedAt);
        Assert.Equal(3, answer.Usage.OutputTokenCount);
        Assert.Equal(sequence.Spec.PromptTokenIds.Count, answer.Usage.InputTokenCount);
        Assert.Equal(5, answer.Usage.InputTokenDetails.CachedTokenCount);
        Assert.Equal(10, sequence.Spec.Sampling.MaxTokens);
    }

    [Fact]
    public async Task Chat_Streams()
    {
        Generator.OnStarted = static sequence =>
        {
            sequence.Emit("4");
            sequence.Emit("2");
            sequence.EndTurn();
        };

        StringBuilder text = new();
        ChatFinishReason? finish = null;
        ChatTokenUsage? usage = null;
        await foreach (StreamingChatCompletionUpdate update in Chat.CompleteChatStreamingAsync([new UserChatMessage("What is 17 + 25?")]))
        {
            foreach (ChatMessageContentPart part in update.ContentUpdate)
            {
                text.Append(part.Text);
            }

            finish ??= update.FinishReason;
            usage ??= update.Usage;
        }

        Assert.Equal("42", text.ToString());
        Assert.Equal(ChatFinishReason.Stop, finish);
        Assert.Equal(3, usage!.OutputTokenCount);
    }

    [Fact]
    public async Task Chat_LogProbabilities()
    {
        int[] tokens = DemoModel.Encode("42");
        TokenLogprobs[] logprobs = [.. tokens.Select(static token => new TokenLogprobs(-0.5f, [new TokenLogprob(token, -0.5f), new TokenLogprob(5, -2)]))];
        Generator.OnStarted = sequence => sequence.Emit(tokens, FinishReason.Length, logprobs);

        ChatCompletion answer = await Chat.CompleteChatAsync(
            [new UserChatMessage("Hi")], new ChatCompletionOptions { IncludeLogProbabilities = true, TopLogProbabilityCount = 2 });

        Assert.Equal("42", string.Concat(answer.ContentTokenLogProbabilities.Select(static token => token.Token)));
        Assert.Equal(-0.5f, answer.ContentTokenLogProbabilities[0].LogProbability);
        Assert.Equal(2, answer.ContentTokenLogProbabilities[0].TopLogProbabilities.Count);
        Assert.Equal("42"u8.ToArray(), answer.ContentTokenLogProbabilities.SelectMany(static token => token.Utf8Bytes!.Value.ToArray()));
    }

    [Fact]
    public async Task Chat_WithTools_TheyAreInThePrompt()
    {
        Generator.OnStarted = static sequence => sequence.EndTurn();
        ChatTool tool = ChatTool.CreateFunctionTool(
            "get_time", "Tells the time.", BinaryData.FromString("""{"type":"object","properties":{"city":{"type":"string"}},"required":["city"]}"""));
        AssistantChatMessage called = new([ChatToolCall.CreateFunctionToolCall("1", "get_time", BinaryData.FromString("""{"city":"Oslo"}"""))]);

        await Chat.CompleteChatAsync([new UserChatMessage("Time?"), called, new ToolChatMessage("1", "12:00")], new ChatCompletionOptions { Tools = { tool } });

        string prompt = (await Generator.NextAsync()).Prompt;
        Assert.Contains("Tools: get_time(city)", prompt, StringComparison.Ordinal);
        Assert.Contains("""{"name": "get_time", "parameters": {"city": "Oslo"}}""", prompt, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Chat_ClientStopsReading_TheSequenceIsAborted()
    {
        Generator.OnStarted = static sequence => sequence.Emit("4");
        await foreach (StreamingChatCompletionUpdate _ in Chat.CompleteChatStreamingAsync([new UserChatMessage("Hi")]))
        {
            break;
        }

        await (await Generator.NextAsync()).Disposed;
    }

    [Fact]
    public async Task Models_AreListedAndFound()
    {
        OpenAIModelClient models = _client.GetOpenAIModelClient();

        OpenAIModelCollection all = await models.GetModelsAsync();
        OpenAIModel one = await models.GetModelAsync("demo");

        Assert.Equal("demo", Assert.Single(all).Id);
        Assert.Equal("dynamo", one.OwnedBy);
        Assert.Equal(DateTimeOffset.FromUnixTimeSeconds(1_700_000_000), one.CreatedAt);
    }

    [Fact]
    public async Task Errors_AreTyped()
    {
        ClientResultException unknown = await Assert.ThrowsAsync<ClientResultException>(
            () => _client.GetChatClient("nobody").CompleteChatAsync([new UserChatMessage("Hi")]));
        ClientResultException bad = await Assert.ThrowsAsync<ClientResultException>(
            () => Chat.CompleteChatAsync([new UserChatMessage("Hi")], new ChatCompletionOptions { Temperature = 9 }));
        Generator.Admit = static (_, _) => throw new OverloadedException("all busy", TimeSpan.FromSeconds(1));
        ClientResultException busy = await Assert.ThrowsAsync<ClientResultException>(() => Chat.CompleteChatAsync([new UserChatMessage("Hi")]));

        Assert.Equal((404, 400, 529), (unknown.Status, bad.Status, busy.Status));
        Assert.Contains("model_not_found", unknown.Message, StringComparison.Ordinal);
        Assert.Contains("temperature", bad.Message, StringComparison.Ordinal);
        Assert.Contains("all busy", busy.Message, StringComparison.Ordinal);
    }

    private ChatClient Chat => _client.GetChatClient("demo");
}
