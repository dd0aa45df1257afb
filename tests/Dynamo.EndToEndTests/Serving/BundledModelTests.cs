using System.Net;
using System.Net.Http.Json;
using System.Text.Json.Nodes;
using Xunit;

namespace Dynamo.EndToEndTests.Serving;

/// <summary>The whole stack judged by what the bundled model says.</summary>
[Collection(ServerCollection.Name)]
public sealed class BundledModelTests(ServerFixture fixture)
{
    private readonly ChatApi _chat = fixture.Chat;

    [Fact]
    public async Task EveryCheckOfTheCard_IsAnsweredRight()
    {
        foreach (BundledCheck check in BundledCheck.All)
        {
            JsonNode answer = await _chat.AskAsync(check.Request());

            Assert.Equal(check.Answer, (string)answer["choices"]![0]!["message"]!["content"]!);
            Assert.Equal("stop", (string)answer["choices"]![0]!["finish_reason"]!);
            Assert.Equal(check.PromptTokens, (int)answer["usage"]!["prompt_tokens"]!);
        }
    }

    [Fact]
    public async Task AllChecksAtOnce_AreAnsweredRight()
    {
        string[] answers = await Task.WhenAll(BundledCheck.All.Select(check => _chat.StreamedAnswerAsync(check.Request(stream: true))));

        Assert.Equal(BundledCheck.All.Select(static check => check.Answer), answers);
    }

    [Fact]
    public async Task SampledWithASeed_SaysTheSameAloneAndInACrowd()
    {
        JsonObject[] requests = [.. Enumerable.Range(0, 24).Select(static seed => Story(seed))];
        List<string> alone = [];
        foreach (JsonObject request in requests)
        {
            alone.Add(await _chat.AnswerAsync(request));
        }

        string[] together = await Task.WhenAll(requests.Select(request => _chat.AnswerAsync(request)));

        Assert.Equal(alone, together);
        Assert.True(alone.Distinct().Count() > 12, "different seeds tell different stories");
    }

    [Fact]
    public async Task PromptThatWasSeenBefore_ComesFromThePrefixCacheAndIsAnsweredTheSame()
    {
        BundledCheck longest = BundledCheck.All.MaxBy(static check => check.PromptTokens)!;
        await _chat.AskAsync(longest.Request());
        JsonNode again = await _chat.AskAsync(longest.Request());

        Assert.Equal(longest.Answer, (string)again["choices"]![0]!["message"]!["content"]!);
        Assert.Equal((longest.PromptTokens - 1) / 32 * 32, (int)again["usage"]!["prompt_tokens_details"]!["cached_tokens"]!);
    }

    [Fact]
    public async Task PromptThatWasSeenBefore_IsComputedAnewOnceTheCacheIsReset()
    {
        BundledCheck longest = BundledCheck.All.MaxBy(static check => check.PromptTokens)!;
        await _chat.AskAsync(longest.Request());
        JsonNode cached = await _chat.AskAsync(longest.Request());
        using HttpResponseMessage reset = await fixture.Server.Http.PostAsJsonAsync("reset_prefix_cache", new JsonObject());
        JsonNode anew = await _chat.AskAsync(longest.Request());

        Assert.Equal(HttpStatusCode.OK, reset.StatusCode);
        Assert.NotEqual(0, CachedTokens(cached));
        Assert.Equal(0, CachedTokens(anew));
        Assert.Equal(longest.Answer, (string)anew["choices"]![0]!["message"]!["content"]!);

        static int CachedTokens(JsonNode answer) => (int)answer["usage"]!["prompt_tokens_details"]!["cached_tokens"]!;
    }

    internal static JsonObject Story(int seed, bool stream = false)
    {
        JsonObject request = new()
        {
            ["model"] = "demo",
            ["messages"] = new JsonArray(new JsonObject { ["role"] = "user", ["content"] = "Tell me a story about Ada and a boat." }),
            ["temperature"] = 0.9,
            ["top_p"] = 0.95,
            ["seed"] = seed,
            ["max_tokens"] = 60,
            ["frequency_penalty"] = 0.3,
        };
        if (stream)
        {
            request["stream"] = true;
        }

        return request;
    }
}
