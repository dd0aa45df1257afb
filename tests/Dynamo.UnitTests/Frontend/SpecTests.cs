using System.Text.Json.Nodes;
using Dynamo.Protocol.Frames;
using Dynamo.UnitTests.Frontend.Support;
using Xunit;

namespace Dynamo.UnitTests.Frontend;

/// <summary>The keys that OpenAI's specification (openapi.json 2.3.0) requires of responses; <c>[]</c> stands for every item of a list.</summary>
public sealed class SpecTests : FrontendTest
{
    private static readonly string[] Chat =
    [
        "id", "object", "created", "model", "choices", "choices[].index", "choices[].finish_reason", "choices[].logprobs", "choices[].logprobs.content",
        "choices[].logprobs.refusal", "choices[].logprobs.content[].token", "choices[].logprobs.content[].logprob", "choices[].logprobs.content[].bytes",
        "choices[].logprobs.content[].top_logprobs", "choices[].logprobs.content[].top_logprobs[].token", "choices[].logprobs.content[].top_logprobs[].logprob",
        "choices[].logprobs.content[].top_logprobs[].bytes", "choices[].message", "choices[].message.role", "choices[].message.content",
        "choices[].message.refusal", "usage.prompt_tokens", "usage.completion_tokens", "usage.total_tokens",
    ];

    private static readonly string[] Chunk = ["id", "object", "created", "model", "choices", "choices[].index", "choices[].delta", "choices[].finish_reason"];

    private static readonly string[] Completion =
    [
        "id", "object", "created", "model", "choices", "choices[].index", "choices[].text", "choices[].finish_reason", "choices[].logprobs",
        "usage.prompt_tokens", "usage.completion_tokens", "usage.total_tokens",
    ];

    private static readonly string[] ModelList = ["object", "data", "data[].id", "data[].object", "data[].created", "data[].owned_by"];

    private static readonly string[] Error = ["error", "error.message", "error.type", "error.param", "error.code"];

    [Fact]
    public async Task Responses_HaveTheKeysThatTheSpecificationRequires()
    {
        Generator.OnStarted = static sequence => sequence.Emit([5], FinishReason.Length, [new TokenLogprobs(-1, [new TokenLogprob(5, -1)])]);
        using HttpResponseMessage chat = await ChatAsync("\"n\":2,\"logprobs\":true,\"top_logprobs\":1");
        using HttpResponseMessage completion = await CompleteAsync("\"logprobs\":1");
        using HttpResponseMessage models = await Host.Client.GetAsync("/v1/models");
        using HttpResponseMessage error = await ChatAsync("\"n\":0");
        await using EventReader events = new(await ChatAsync("\"stream\":true,\"stream_options\":{\"include_usage\":true}"));

        AssertKeys(Chat, await JsonAsync(chat));
        AssertKeys(Completion, await JsonAsync(completion));
        AssertKeys(ModelList, await JsonAsync(models));
        AssertKeys(Error, await JsonAsync(error));
        Assert.All(await events.RestAsync(), static chunk => AssertKeys(Chunk, chunk));
    }

    private static void AssertKeys(string[] paths, JsonNode json)
    {
        foreach (string path in paths)
        {
            AssertKey(json, path.Split('.'), path);
        }
    }

    private static void AssertKey(JsonNode? json, ReadOnlySpan<string> steps, string path)
    {
        if (steps.Length == 0)
        {
            return;
        }

        bool isList = steps[0].EndsWith("[]", StringComparison.Ordinal);
        string name = isList ? steps[0][..^2] : steps[0];
        Assert.True(json is JsonObject owner && owner.ContainsKey(name), $"{path}: {name} is missing in {json?.ToJsonString()}");
        if (!isList)
        {
            AssertKey(json![name], steps[1..], path);
            return;
        }

        foreach (JsonNode? item in json![name]!.AsArray())
        {
            AssertKey(item, steps[1..], path);
        }
    }
}
