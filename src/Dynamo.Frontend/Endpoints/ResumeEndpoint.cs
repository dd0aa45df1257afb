using System.Text.Json;
using Dynamo.Frontend.Admission;
using Dynamo.Frontend.Bodies;
using Dynamo.Frontend.Configuration;
using Dynamo.Frontend.Errors;
using Dynamo.Frontend.Generation;
using Dynamo.Frontend.Metrics;
using Dynamo.Frontend.Models;
using Dynamo.Frontend.Requests;
using Dynamo.Frontend.Responses;
using Dynamo.Protocol.Frames;
using Dynamo.Protocol.Requests;
using Dynamo.Serving.Catalog;
using Dynamo.Serving.Generation;
using Dynamo.Serving.Streams;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;

namespace Dynamo.Frontend.Endpoints;

/// <summary>
/// <c>GET /v1/streams/{id}</c>: goes on with a streamed response whose frontend is gone. The workers still have its sequences and the request;
/// the client says by <c>Last-Event-ID</c> what it has, and gets the same events from there on as if nothing had happened.
/// </summary>
internal sealed class ResumeEndpoint(
    IStreamResumer resumer, RequestGate gate, ModelTexts models, FrontendOptions options, TimeProvider time, ILogger<ResumeEndpoint> logger)
{
    private const string LastEventId = "Last-Event-ID";

    /// <summary>Finds the response and sends the rest of it.</summary>
    /// <returns>How it ended.</returns>
    /// <exception cref="ApiException">There is no such response, or the event id is none of it.</exception>
    public async Task<RequestOutcome> RunAsync(HttpContext context, RequestMeter meter)
    {
        string id = (string)context.Request.RouteValues["id"]!;
        IReadOnlyList<FoundSequence> found = await resumer.FindAsync(id, context.RequestAborted);
        if (found.Count == 0)
        {
            throw NotFound(id, "is not running and has not ended within the last 30 seconds");
        }

        ResponseOrigin origin = ResponseOrigin.Parse(found[0].Origin.Data);
        GenerationApi api = GenerationApi.Named(origin.Endpoint);
        GenerationPlan plan = await PlanAsync(api, origin, found[0], meter, context.RequestAborted);
        int numChoices = plan.Prompts.Count * plan.NumChoices;
        StreamProgress progress = Progress(context.Request.Headers[LastEventId].ToString(), numChoices);
        Dictionary<int, FoundSequence> byIndex = found.ToDictionary(static sequence => sequence.Origin.Index);
        Choice[] choices = Choices(id, plan, progress, byIndex);

        context.Response.Headers[RequestIds.Header] = id;
        await using Answer answer = await Answer.ResumeAsync(
            plan,
            choices,
            (index, cancellationToken) => resumer.ResumeAsync(byIndex[index], Primed(byIndex[index], progress, index), cancellationToken),
            gate,
            meter,
            logger,
            context.RequestAborted);
        AnswerFormat format = api.Format(plan, id, origin.Created);
        return await new StreamResponder(format, answer, progress, time, options.KeepAliveInterval).RunAsync(context) ? RequestOutcome.Success : RequestOutcome.Internal;
    }

    // The request is read again as it came; only the seed, which may have been drawn for it, comes from the sequence.
    private async Task<GenerationPlan> PlanAsync(GenerationApi api, ResponseOrigin origin, FoundSequence first, RequestMeter meter, CancellationToken cancellationToken)
    {
        ServedModel model = models.Find(first.Model) ?? throw ModelsEndpoint.NotFound(first.Model);
        meter.OnModel(model.Name, isStream: true);
        ModelText text = await models.GetAsync(model, cancellationToken);
        using JsonDocument body = JsonDocument.Parse(origin.Body);
        GenerationPlan plan = api.Read(new JsonFields(body.RootElement), model, text, options);
        meter.OnPrompt(plan.NumPromptTokens, plan.Prompts.Count * plan.NumChoices);
        return plan with
        {
            Sampling = plan.Sampling with { Seed = unchecked(first.Sampling.Seed - (ulong)(first.Origin.Index % plan.NumChoices)) },

            // Who comes here reads events whole, and may have to come again.
            Extensions = plan.Extensions with { EventIds = true },
        };
    }

    private static StreamProgress Progress(string lastEventId, int numChoices) =>
        lastEventId.Length == 0 ? new StreamProgress(numChoices)
        : StreamProgress.TryParse(lastEventId, numChoices)
            ?? throw ApiException.BadParameter(LastEventId, $"'{lastEventId}' is no event id of a response with {numChoices} choices; send the id of the last event received.");

    private static Choice[] Choices(string id, GenerationPlan plan, StreamProgress progress, Dictionary<int, FoundSequence> byIndex)
    {
        Choice[] choices = new Choice[plan.Prompts.Count * plan.NumChoices];
        for (int i = 0; i < choices.Length; i++)
        {
            Prompt prompt = plan.Prompts[i / plan.NumChoices];
            SamplingParameters sampling = plan.ChoiceSampling(prompt, i % plan.NumChoices);
            int? numSent = progress.HasBegun(i) ? progress.NumTokens(i) : null;
            if (progress.HasEnded(i))
            {
                choices[i] = new Choice(i, plan, prompt, sampling, numSent);
                choices[i].MarkSent();
                continue;
            }

            FoundSequence sequence = byIndex.GetValueOrDefault(i) ?? throw NotFound(id, $"has no choice {i} any more");
            if (numSent > sequence.OutputTokenIds.Count)
            {
                throw ApiException.BadParameter(LastEventId, $"Choice {i} of {id} has {sequence.OutputTokenIds.Count} tokens; the event id says {numSent}.");
            }

            choices[i] = new Choice(i, plan, new Prompt(sequence.PromptTokenIds, prompt.Echo), sampling, numSent);
            choices[i].Accept(new SequenceDelta
            {
                Id = default,
                Attempt = 0,
                Position = 0,
                TokenIds = [.. sequence.OutputTokenIds.Take(Primed(sequence, progress, i))],
            });
        }

        return choices;
    }

    // Tokens that are not made again: those that the client has, but never all, because the last one brings the end.
    private static int Primed(FoundSequence sequence, StreamProgress progress, int index) =>
        Math.Max(0, Math.Min(progress.NumTokens(index), sequence.OutputTokenIds.Count - 1));

    private static ApiException NotFound(string id, string why) =>
        new(StatusCodes.Status404NotFound, ApiException.InvalidRequest, $"The response '{id}' {why}.", "id", "stream_not_found");
}
