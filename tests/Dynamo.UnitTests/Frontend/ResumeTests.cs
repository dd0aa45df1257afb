using System.Net;
using System.Net.ServerSentEvents;
using System.Text.Json.Nodes;
using Dynamo.Abstractions.Instances;
using Dynamo.Protocol.Frames;
using Dynamo.Protocol.Requests;
using Dynamo.Serving.Streams;
using Dynamo.UnitTests.Frontend.Support;
using Xunit;

namespace Dynamo.UnitTests.Frontend;

/// <summary>A client leaves after each event in turn and goes on at another frontend: together it has what an undisturbed client has.</summary>
public sealed class ResumeTests : FrontendTest
{
    private const string Chat = """{"model":"demo","messages":[{"role":"user","content":"Hi"}],"stream":true,"stream_options":{"include_usage":true},"nvext":{"event_ids":true},""";
    private const string Completion = """{"model":"demo","prompt":"Hi","stream":true,"stream_options":{"include_usage":true},"nvext":{"event_ids":true},""";

    [Theory]
    [InlineData("/v1/chat/completions", Chat + """ "n":1}""")]
    [InlineData("/v1/chat/completions", Chat + """ "n":2, "seed":7}""")]
    [InlineData("/v1/chat/completions", Chat + """ "stop":["the sea"]}""")]
    [InlineData("/v1/chat/completions", Chat + """ "logprobs":true}""")]
    [InlineData("/v1/chat/completions", Chat + """ "return_token_ids":true}""")]
    [InlineData("/v1/completions", Completion + """ "echo":true}""")]
    [InlineData("/v1/completions", Completion + """ "echo":true, "n":2, "seed":7, "return_token_ids":true}""")]
    public async Task WhereverTheClientLeaves_TheRestIsWhatItMissed(string path, string body)
    {
        List<FoundSequence> found = [];
        (string id, List<SseItem<string>> whole) = await RecordAsync(path, body, found);
        Host.Resumer.Found = found;
        Host.Resumer.Resume = static (sequence, position) => Continued(sequence, position);
        string undisturbed = Summary(whole);

        for (int numSeen = 0; numSeen < whole.Count; numSeen++)
        {
            List<SseItem<string>> seen = whole[..numSeen];
            List<SseItem<string>> rest = await ResumeAsync(id, seen.LastOrDefault(static item => item.EventId is not null).EventId);

            Assert.Equal(undisturbed, Summary([.. seen, .. rest]));
        }
    }

    [Fact]
    public async Task StreamWithoutIds_StartsAgainAndHasThemFromThere()
    {
        List<FoundSequence> found = [];
        (string id, List<SseItem<string>> whole) = await RecordAsync("/v1/chat/completions", Chat.Replace("\"event_ids\":true", "", StringComparison.Ordinal) + """ "n":1}""", found);
        Host.Resumer.Found = found;
        Host.Resumer.Resume = static (sequence, position) => Continued(sequence, position);

        List<SseItem<string>> again = await ResumeAsync(id, lastEventId: null);

        Assert.All(whole, static item => Assert.Null(item.EventId));
        Assert.All(again.SkipLast(1), static item => Assert.NotNull(item.EventId));
        Assert.Equal(Summary(whole), Summary(again));
    }

    [Fact]
    public async Task ResponseThatNobodyHas_Is404()
    {
        using HttpResponseMessage response = await Host.Client.GetAsync("/v1/streams/chatcmpl-1");

        Assert.Equal(HttpStatusCode.NotFound, response.StatusCode);
        Assert.Equal("stream_not_found", (string)(await JsonAsync(response))["error"]!["code"]!);
    }

    [Theory]
    [InlineData("x")]
    [InlineData("1,1")]
    [InlineData("999")]
    public async Task EventIdOfNoSuchResponse_Is400(string eventId)
    {
        List<FoundSequence> found = [];
        (string id, _) = await RecordAsync("/v1/chat/completions", Chat + """ "n":1}""", found);
        Host.Resumer.Found = found;
        using HttpRequestMessage request = new(HttpMethod.Get, $"/v1/streams/{id}");
        request.Headers.Add("Last-Event-ID", eventId);
        using HttpResponseMessage response = await Host.Client.SendAsync(request);

        Assert.Equal(HttpStatusCode.BadRequest, response.StatusCode);
        Assert.Equal("Last-Event-ID", (string)(await JsonAsync(response))["error"]!["param"]!);
    }

    // Each token goes out as an event of its own.
    private async Task<(string Id, List<SseItem<string>> Events)> RecordAsync(string path, string body, List<FoundSequence> found)
    {
        Task<HttpResponseMessage> sending = Host.SendAsync(path, body);
        int numChoices = body.Contains("\"n\":2", StringComparison.Ordinal) ? 2 : 1;
        List<ScriptedSequence> sequences = [];
        for (int i = 0; i < numChoices; i++)
        {
            sequences.Add(await Generator.NextAsync());
        }

        using HttpResponseMessage response = await sending;
        await using IAsyncEnumerator<SseItem<string>> items = SseParser.Create(await response.Content.ReadAsStreamAsync()).EnumerateAsync().GetAsyncEnumerator();
        List<SseItem<string>> events = [];
        foreach (ScriptedSequence sequence in sequences)
        {
            int[] output = [.. DemoModel.Encode(sequence == sequences[0] ? "A boat on the sea." : "A day by the lake é."), DemoModel.EndOfTurn];
            found.Add(new FoundSequence(
                new InstanceKey("demo", SiloAddress.FromParsableString("127.0.0.1:1@1"), 1),
                new GenerationRequest
                {
                    Id = sequence.Id,
                    Attempt = 1,
                    TokenIds = [.. sequence.Spec.PromptTokenIds, .. output],
                    NumPromptTokens = sequence.Spec.PromptTokenIds.Count,
                    Sampling = sequence.Spec.Sampling,
                    Origin = sequence.Spec.Origin,
                }));
            Emit(sequence, output, 0);
        }

        while (await items.MoveNextAsync())
        {
            events.Add(items.Current);
        }

        return (sequences[0].Spec.Origin!.ResponseId, events);
    }

    private static ScriptedSequence Continued(FoundSequence found, int position)
    {
        ScriptedSequence sequence = new("demo", new SequenceSpec { PromptTokenIds = found.PromptTokenIds, Sampling = found.Sampling });
        Emit(sequence, [.. found.OutputTokenIds], position);
        return sequence;
    }

    private static void Emit(ScriptedSequence sequence, int[] output, int from)
    {
        for (int i = from; i < output.Length; i++)
        {
            IReadOnlyList<TokenLogprobs>? logprobs = sequence.Spec.Sampling.NumLogprobs is null ? null : [new TokenLogprobs(-i, [])];
            sequence.Emit([output[i]], i == output.Length - 1 ? FinishReason.Stop : FinishReason.None, logprobs);
        }
    }

    private async Task<List<SseItem<string>>> ResumeAsync(string id, string? lastEventId)
    {
        using HttpRequestMessage request = new(HttpMethod.Get, $"/v1/streams/{id}");
        if (lastEventId is not null)
        {
            request.Headers.Add("Last-Event-ID", lastEventId);
        }

        using HttpResponseMessage response = await Host.Client.SendAsync(request, HttpCompletionOption.ResponseHeadersRead);
        Assert.True(response.StatusCode == HttpStatusCode.OK, await (response.IsSuccessStatusCode ? Task.FromResult("") : response.Content.ReadAsStringAsync()));
        List<SseItem<string>> events = [];
        await foreach (SseItem<string> item in SseParser.Create(await response.Content.ReadAsStreamAsync()).EnumerateAsync())
        {
            events.Add(item);
        }

        return events;
    }

    // What a client makes of a stream, whatever its pieces were cut like: ids, roles, texts, log-probabilities, tokens, ends, usage and the last event.
    private static string Summary(IReadOnlyList<SseItem<string>> events)
    {
        SortedDictionary<int, string> choices = [];
        SortedDictionary<int, string> logprobs = [];
        SortedDictionary<int, string> tokens = [];
        HashSet<string> heads = [];
        string usage = "";
        foreach (SseItem<string> item in events)
        {
            if (item.Data == "[DONE]")
            {
                usage += " done";
                continue;
            }

            JsonNode chunk = JsonNode.Parse(item.Data)!;
            heads.Add($"{chunk["id"]} {chunk["created"]} {chunk["object"]} {chunk["model"]}");
            usage += chunk["usage"]?.ToJsonString() ?? "";
            foreach (JsonNode? choice in chunk["choices"]!.AsArray())
            {
                int index = (int)choice!["index"]!;
                string text = choices.GetValueOrDefault(index, "");
                text += choice["delta"]?["role"] is { } role ? $"<{role}>" : "";
                text += (string?)choice["delta"]?["content"] ?? (string?)choice["text"] ?? "";
                logprobs[index] = logprobs.GetValueOrDefault(index, "")
                    + string.Concat((choice["logprobs"]?["content"]?.AsArray() ?? []).Select(static token => $"[{token!["logprob"]}]"));
                tokens[index] = tokens.GetValueOrDefault(index, "")
                    + Ids(choice["prompt_token_ids"] ?? chunk["prompt_token_ids"]) + Ids(choice["token_ids"]);
                choices[index] = text + (choice["finish_reason"] is { } reason ? $"<{reason}>" : "");
            }
        }

        return string.Join('\n', [.. heads, .. choices.Values, .. logprobs.Values, .. tokens.Values, usage]);
    }

    private static string Ids(JsonNode? list) => string.Concat((list?.AsArray() ?? []).Select(static id => $"[{id}]"));
}
