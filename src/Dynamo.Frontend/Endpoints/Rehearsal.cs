using System.Diagnostics.Metrics;
using System.Runtime.CompilerServices;
using System.Text.Json;
using Dynamo.Cluster.Membership;
using Dynamo.Frontend.Admission;
using Dynamo.Frontend.Bodies;
using Dynamo.Frontend.Configuration;
using Dynamo.Frontend.Generation;
using Dynamo.Frontend.Metrics;
using Dynamo.Frontend.Models;
using Dynamo.Frontend.Requests;
using Dynamo.Protocol.Frames;
using Dynamo.Protocol.Requests;
using Dynamo.Serving.Catalog;
using Dynamo.Serving.Generation;
using Dynamo.Serving.Streams;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;

namespace Dynamo.Frontend.Endpoints;

/// <summary>
/// Goes the way of a model's first requests before there are any: read, template, tokenize, follow, detokenize, stream. Code is compiled as it is first
/// run, which a client would wait for otherwise. Nothing leaves the process, and nothing of it is counted. Thread-safe.
/// </summary>
internal sealed partial class Rehearsal(FrontendOptions options, TimeProvider time, ILogger<Rehearsal> logger)
{
    private const string Prompt = "How many are 17 and 25? (a rehearsal)";

    /// <summary>Goes through all of it. What goes wrong is logged, and left to the first request to meet.</summary>
    /// <param name="model">The model.</param>
    /// <param name="text">Its text side.</param>
    public async Task RunAsync(ServedModel model, ModelText text)
    {
        try
        {
            using UnheardMeters meters = new();
            foreach (bool isStream in (bool[])[true, false])
            {
                if (text.Chat is not null)
                {
                    await RunAsync(GenerationApi.Chat, new { model = model.Name, messages = new[] { new { role = "user", content = Prompt } }, stream = isStream }, model, text, meters);
                }

                await RunAsync(GenerationApi.Completions, new { model = model.Name, prompt = Prompt, stream = isStream }, model, text, meters);
            }
        }
        catch (Exception e) when (e is not OutOfMemoryException)
        {
            LogFailed(e, model.Name);
        }
    }

    private async Task RunAsync(GenerationApi api, object fields, ServedModel model, ModelText text, UnheardMeters meters)
    {
        DefaultHttpContext context = new();
        context.Request.ContentType = "application/json";
        context.Request.Body = new MemoryStream(JsonSerializer.SerializeToUtf8Bytes(fields));
        RequestMeter meter = new(new FrontendInstruments(meters), new GenAIInstruments(meters), time, api.Name, isTraced: false);
        using RequestBody body = await RequestBody.ReadAsync(context.Request, CancellationToken.None);
        JsonFields request = new(body.Root);
        GenerationPlan plan = api.Read(request, model, text, options);
        meter.OnModel(model.Name, plan.IsStream);
        meter.OnPrompt(plan.NumPromptTokens, numSequences: 1);
        string id = api.NewId();
        await using Answer answer = await Answer.StartAsync(
            new Repeater(), id, plan, origin: null, new RequestGate(new NodeState(NodePhase.Serving)), meter, logger, CancellationToken.None);
        RequestOutcome outcome = await GenerationEndpoint.RespondAsync(context, api.Format(plan, id, time.GetUtcNow()), answer, time, options.KeepAliveInterval);
        meter.OnEnd(outcome);
        if (outcome != RequestOutcome.Success)
        {
            throw answer.Failure(id);
        }
    }

    [LoggerMessage(LogLevel.Information, "The rehearsal of model {Model} failed; its first request may take longer.")]
    private partial void LogFailed(Exception exception, string model);

    /// <summary>Answers a prompt with its own tokens, one after another.</summary>
    private sealed class Repeater : IGenerator
    {
        public Task<ISequenceStream> StartAsync(string model, SequenceSpec sequence, CancellationToken cancellationToken) =>
            Task.FromResult<ISequenceStream>(new Repetition(sequence.PromptTokenIds));
    }

    private sealed class Repetition(IReadOnlyList<int> tokens) : ISequenceStream
    {
        public RequestId Id { get; } = RequestId.New();

        public RouteInfo? Route => null;

        public string? Abandoned => null;

        public async IAsyncEnumerable<SequenceDelta> ReadAllAsync([EnumeratorCancellation] CancellationToken cancellationToken)
        {
            for (int i = 0; i < tokens.Count; i++)
            {
                await Task.Yield();
                yield return new SequenceDelta
                {
                    Id = Id,
                    Attempt = 1,
                    Position = i,
                    TokenIds = [tokens[i]],
                    FinishReason = i + 1 < tokens.Count ? FinishReason.None : FinishReason.Length,
                };
            }
        }

        public ValueTask DisposeAsync() => ValueTask.CompletedTask;
    }

    /// <summary>Meters of a name that nobody listens to.</summary>
    private sealed class UnheardMeters : IMeterFactory
    {
        private readonly Meter _meter = new("Rehearsal");

        public Meter Create(MeterOptions options) => _meter;

        public void Dispose() => _meter.Dispose();
    }
}
