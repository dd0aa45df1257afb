using System.Buffers;
using System.Text.Json;
using Dynamo.Frontend.Admission;
using Dynamo.Frontend.Bodies;
using Dynamo.Frontend.Configuration;
using Dynamo.Frontend.Errors;
using Dynamo.Frontend.Generation;
using Dynamo.Frontend.Json;
using Dynamo.Frontend.Metrics;
using Dynamo.Frontend.Models;
using Dynamo.Frontend.Requests;
using Dynamo.Frontend.Responses;
using Dynamo.Protocol.Requests;
using Dynamo.Serving.Catalog;
using Dynamo.Serving.Generation;
using Dynamo.Serving.Streams;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;

namespace Dynamo.Frontend.Endpoints;

/// <summary>Chat and completions: read → submit → answer. Everything that can be refused is refused before the response begins.</summary>
internal sealed class GenerationEndpoint(
    IGenerator generator,
    ResumeEndpoint resume,
    RequestGate gate,
    ModelTexts models,
    SeedSource seeds,
    FrontendInstruments instruments,
    GenAIInstruments genAI,
    FrontendOptions options,
    TimeProvider time,
    ILogger<GenerationEndpoint> logger)
{
    /// <summary><c>POST /v1/chat/completions</c>.</summary>
    public Task ChatAsync(HttpContext context) => RunAsync(context, GenerationApi.Chat);

    /// <summary><c>POST /v1/completions</c>.</summary>
    public Task CompletionsAsync(HttpContext context) => RunAsync(context, GenerationApi.Completions);

    /// <summary><c>GET /v1/streams/{id}</c>: the rest of a streamed response whose frontend is gone.</summary>
    public Task ResumeAsync(HttpContext context) => RunAsync(context, "streams", meter => resume.RunAsync(context, meter));

    private Task RunAsync(HttpContext context, GenerationApi api) => RunAsync(context, api.Name, meter => AnswerAsync(context, api, meter));

    private async Task RunAsync(HttpContext context, string endpoint, Func<RequestMeter, Task<RequestOutcome>> answer)
    {
        RequestMeter meter = new(instruments, genAI, time, endpoint);
        RequestOutcome outcome = RequestOutcome.Internal;
        try
        {
            outcome = await answer(meter);
        }
        catch (Exception e) when (e is OperationCanceledException or IOException && context.RequestAborted.IsCancellationRequested)
        {
            outcome = RequestOutcome.Cancelled;
            throw;
        }
        catch (Exception e) when (e is not OutOfMemoryException)
        {
            outcome = OutcomeOf(ErrorMapper.Map(e, gate.IsLeaving)?.Status);
            throw;
        }
        finally
        {
            meter.OnEnd(outcome);
        }
    }

    private async Task<RequestOutcome> AnswerAsync(HttpContext context, GenerationApi api, RequestMeter meter)
    {
        DateTimeOffset now = time.GetUtcNow();
        string id = api.NewId();
        (GenerationPlan plan, byte[]? origin) = await ReadAsync(context, api, now, meter);
        await using Answer answer = await StartAsync(
            plan, Answer.StartAsync(generator, id, plan, origin is null ? null : index => new RequestOrigin(id, index, origin), gate, meter, logger, context.RequestAborted));
        RequestOutcome outcome = await RespondAsync(context, api.Format(plan, id, now), answer, time, options.KeepAliveInterval);
        for (int i = 0; i < answer.Choices.Length; i++)
        {
            meter.OnChoice(answer.Choices[i].NumTokens, answer.Choices[i].NumCachedTokens);
        }

        return outcome;
    }

    private static async Task<Answer> StartAsync(GenerationPlan plan, Task<Answer> start)
    {
        try
        {
            return await start;
        }
        catch (NoWorkerException e) when (plan.Extensions.Pinned is { } pinned)
        {
            throw new NoWorkerException($"Worker {pinned}, which the request names, cannot get it; GET /admin/workers lists all. {e.Message}");
        }
    }

    // Of a streamed request, also what lets another frontend go on with its answer.
    private async Task<(GenerationPlan Plan, byte[]? Origin)> ReadAsync(HttpContext context, GenerationApi api, DateTimeOffset now, RequestMeter meter)
    {
        using RequestBody body = await RequestBody.ReadAsync(context.Request, context.RequestAborted);
        JsonFields fields = new(body.Root);
        ServedModel model = Model(fields);
        meter.OnModel(model.Name, fields.Any("stream") is { ValueKind: JsonValueKind.True });
        if (!model.IsReady)
        {
            throw new NoWorkerException($"No instance of the model '{model.Name}' is ready.");
        }

        ModelText text = await models.GetAsync(model, context.RequestAborted);
        GenerationPlan plan = api.Read(fields, model, text, options) with { Session = SessionField.Read(context.Request.Headers, fields) };
        plan = DynamoHeaders.Apply(context.Request.Headers, plan);
        plan = fields.Any("seed") is null ? plan with { Sampling = plan.Sampling with { Seed = seeds.Next() } } : plan;
        meter.OnPrompt(plan.NumPromptTokens, plan.Prompts.Count * plan.NumChoices);
        return (plan, plan.IsStream ? ResponseOrigin.Of(api.Name, now, body.Root).ToBytes() : null);
    }

    // While nothing is there yet, a name cannot be wrong; where there is one model, none need be given.
    private ServedModel Model(JsonFields fields)
    {
        string? name = fields.Text("model");
        IReadOnlyList<ServedModel> all = models.Models;
        return all.Count == 0 ? throw new NoWorkerException("No model is ready yet.")
            : !string.IsNullOrEmpty(name) ? models.Find(name) ?? throw ModelsEndpoint.NotFound(name)
            : all.Count == 1 ? all[0]
            : throw ApiException.BadParameter(
                "model", $"'model' is missing; this server has {all.Count} models, which GET /v1/models lists.", "missing_required_parameter");
    }

    /// <summary>Sends an answer, as it is made or whole.</summary>
    /// <param name="context">The request.</param>
    /// <param name="format">How its API shapes answers.</param>
    /// <param name="answer">The answer.</param>
    /// <param name="time">Clock of keep-alives.</param>
    /// <param name="keepAlive">Silence of a stream after which one is due.</param>
    internal static async Task<RequestOutcome> RespondAsync(HttpContext context, AnswerFormat format, Answer answer, TimeProvider time, TimeSpan keepAlive)
    {
        context.Response.Headers[RequestIds.Header] = format.Id;
        if (answer.Plan.IsStream)
        {
            StreamProgress progress = new(answer.Choices.Length);
            return await new StreamResponder(format, answer, progress, time, keepAlive).RunAsync(context) ? RequestOutcome.Success : RequestOutcome.Internal;
        }

        await answer.Completion;
        context.RequestAborted.ThrowIfCancellationRequested();
        for (int i = 0; i < answer.Choices.Length; i++)
        {
            if (!answer.Choices[i].IsComplete)
            {
                throw answer.Failure(format.Id);
            }
        }

        ArrayBufferWriter<byte> body = new(1024);
        using (Utf8JsonWriter json = JsonOutput.CreateWriter(body))
        {
            format.WriteWhole(json, answer.Choices);
        }

        await JsonOutput.RespondAsync(context.Response, body.WrittenMemory);
        return RequestOutcome.Success;
    }

    private static RequestOutcome OutcomeOf(int? status) => status switch
    {
        StatusCodes.Status404NotFound => RequestOutcome.NotFound,
        < 500 => RequestOutcome.Validation,
        StatusCodes.Status503ServiceUnavailable => RequestOutcome.Unavailable,
        ErrorMapper.StatusOverloaded => RequestOutcome.Overload,
        _ => RequestOutcome.Internal,
    };
}
