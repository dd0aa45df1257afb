using System.ClientModel;
using OpenAI;
using OpenAI.Chat;
using OpenAI.Models;
using Xunit;

namespace Dynamo.EndToEndTests.Serving;

/// <summary>OpenAI's own .NET client, as it is.</summary>
[Collection(ServerCollection.Name)]
public sealed class OpenAIClientTests
{
    private readonly OpenAIClient _client;

    public OpenAIClientTests(ServerFixture fixture) =>
        _client = new OpenAIClient(new ApiKeyCredential("x"), new OpenAIClientOptions { Endpoint = new Uri(fixture.Server.Address, "v1") });

    [Fact]
    public async Task Chat_AnswersWithUsage()
    {
        ChatCompletion answer = await Chat().CompleteChatAsync([new UserChatMessage("What is 17 + 25?")], new ChatCompletionOptions { Temperature = 0 });

        Assert.Equal("42", answer.Content.Single().Text);
        Assert.Equal(ChatFinishReason.Stop, answer.FinishReason);
        Assert.Equal(26, answer.Usage.InputTokenCount);
    }

    [Fact]
    public async Task Chat_Streams()
    {
        string text = "";
        ChatTokenUsage? usage = null;
        await foreach (StreamingChatCompletionUpdate update in Chat().CompleteChatStreamingAsync([new UserChatMessage("Count from 7 to 15.")], new ChatCompletionOptions { Temperature = 0 }))
        {
            text += string.Concat(update.ContentUpdate.Select(static part => part.Text));
            usage = update.Usage ?? usage;
        }

        Assert.Equal("7 8 9 10 11 12 13 14 15", text);
        Assert.NotNull(usage);
    }

    [Fact]
    public async Task Chat_GivesLogprobs()
    {
        ChatCompletion answer = await Chat().CompleteChatAsync(
            [new UserChatMessage("What is 17 + 25?")],
            new ChatCompletionOptions { Temperature = 0, IncludeLogProbabilities = true, TopLogProbabilityCount = 3 });

        Assert.All(answer.ContentTokenLogProbabilities, static token => Assert.Equal(3, token.TopLogProbabilities.Count));
        Assert.Equal(answer.ContentTokenLogProbabilities[0].Token, answer.ContentTokenLogProbabilities[0].TopLogProbabilities[0].Token);
    }

    [Fact]
    public async Task UnknownModel_IsTyped404()
    {
        ClientResultException e = await Assert.ThrowsAsync<ClientResultException>(() => _client.GetChatClient("no-such-model").CompleteChatAsync([new UserChatMessage("Hello")]));

        Assert.Equal(404, e.Status);
        Assert.Contains("no-such-model", e.Message);
    }

    [Fact]
    public async Task Models_ListsTheModel()
    {
        OpenAIModelCollection models = await _client.GetOpenAIModelClient().GetModelsAsync();

        Assert.Equal("demo", models.Single().Id);
    }

    private ChatClient Chat() => _client.GetChatClient("demo");
}
