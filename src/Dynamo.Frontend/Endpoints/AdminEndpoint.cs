using System.Buffers;
using System.Globalization;
using System.Text.Json;
using System.Text.Json.Serialization;
using Dynamo.Abstractions.Instances;
using Dynamo.Frontend.Bodies;
using Dynamo.Frontend.Errors;
using Dynamo.Frontend.Json;
using Dynamo.Frontend.Models;
using Dynamo.Serving.Admin;
using Microsoft.AspNetCore.Http;

namespace Dynamo.Frontend.Endpoints;

/// <summary>What operators ask and do.</summary>
internal sealed class AdminEndpoint(IClusterAdmin admin, ModelTexts models)
{
    private const int DefaultDecisions = 20;
    private const int MaxDecisions = 1000;
    private const string NoDecisions = "[]";

    /// <summary><c>GET /admin/workers</c>: every worker with its state.</summary>
    public async Task WorkersAsync(HttpContext context)
    {
        IReadOnlyList<WorkerInfo> workers = await admin.ExamineAsync();
        await JsonOutput.RespondAsync(context.Response, new WorkersAnswer([.. workers.Select(Of)]), AnswerJson.Default.WorkersAnswer);
    }

    /// <summary><c>POST /admin/drain</c> with <c>{"worker": id}</c>: answers 202 at once; <c>safe_to_delete</c> says when nothing is left there.</summary>
    public async Task DrainAsync(HttpContext context)
    {
        using RequestBody body = await RequestBody.ReadAsync(context.Request, context.RequestAborted);
        JsonFields fields = new(body.Root);
        string worker = fields.Text("worker") ?? throw fields.Missing("worker");
        if (!await admin.DrainAsync(worker))
        {
            throw new ApiException(
                StatusCodes.Status404NotFound,
                ApiException.InvalidRequest,
                $"There is no worker '{worker}'; GET /admin/workers lists them.",
                "worker",
                "worker_not_found");
        }

        context.Response.StatusCode = StatusCodes.Status202Accepted;
        await JsonOutput.RespondAsync(context.Response, new DrainAnswer("draining"), AnswerJson.Default.DrainAnswer);
    }

    /// <summary>
    /// <c>POST /reset_prefix_cache</c>, <c>?model=</c> for the workers of one: vLLM's path, there without an answer of its own either. 200 once the caches
    /// are empty but for blocks of sequences that run.
    /// </summary>
    public async Task ResetPrefixCacheAsync(HttpContext context)
    {
        IQueryCollection query = context.Request.Query;
        if (bool.TryParse(query["reset_running_requests"].ToString(), out bool isAll) && isAll)
        {
            throw ApiException.Unsupported("reset_running_requests", "'reset_running_requests' is not supported: blocks that a sequence holds stay until it ends.");
        }

        string name = query["model"].ToString();
        string? model = name.Length == 0 ? null : models.Find(name)?.Name ?? throw ModelsEndpoint.NotFound(name);
        await admin.ResetPrefixCachesAsync(model);
        context.Response.ContentLength = 0;
    }

    /// <summary>
    /// <c>GET /admin/routing/decisions[/{request}]</c>: why requests went where they went, newest first; <c>?limit=</c> for each model, 20 unless
    /// given. One request by the id of its response.
    /// </summary>
    public async Task DecisionsAsync(HttpContext context)
    {
        string? request = (string?)context.Request.RouteValues.GetValueOrDefault("id");
        string given = context.Request.Query["limit"].ToString();
        int limit = DefaultDecisions;
        if (given.Length > 0 && !(int.TryParse(given, NumberStyles.None, CultureInfo.InvariantCulture, out limit) && limit is > 0 and <= MaxDecisions))
        {
            throw ApiException.BadParameter("limit", $"'limit' must be 1 to {MaxDecisions}, is '{Shortened.To(20, given)}'.", "invalid_value");
        }

        IReadOnlyList<(string Model, string Decisions)> models = await admin.ExplainAsync(request, limit);
        if (request is not null && models.All(static model => model.Decisions == NoDecisions))
        {
            throw new ApiException(
                StatusCodes.Status404NotFound,
                ApiException.InvalidRequest,
                $"No decision is known of a response '{Shortened.To(100, request)}': its id is the one of the answer, and the last {MaxDecisions} decisions are kept.",
                "id",
                "decision_not_found");
        }

        ArrayBufferWriter<byte> body = new(4096);
        using (Utf8JsonWriter json = JsonOutput.CreateWriter(body))
        {
            json.WriteStartObject();
            json.WriteStartArray("models");
            foreach ((string model, string decisions) in models)
            {
                json.WriteStartObject();
                json.WriteString("model", model);
                json.WritePropertyName("decisions");
                json.WriteRawValue(decisions);
                json.WriteEndObject();
            }

            json.WriteEndArray();
            json.WriteEndObject();
        }

        await JsonOutput.RespondAsync(context.Response, body.WrittenMemory);
    }

    private static WorkerAnswer Of(WorkerInfo worker)
    {
        bool isKnown = worker.Cache is { NumRunning: not null };
        return new WorkerAnswer(worker.Id, worker.Model, worker.Address, worker.Gpu, worker.State, worker.Generation, worker.SafeToDelete, worker.Error)
        {
            NumericsClass = worker.NumericsClass,
            Exact = worker.NumericsClass is { } numericsClass ? Exactness.IsPromisedBy(numericsClass) : null,
            KVBlocks = worker.NumBlocks,
            Running = worker.Cache?.NumRunning,
            Waiting = isKnown ? worker.Cache!.NumWaiting : null,
            UsedKVBlocks = isKnown ? worker.Cache!.NumUsedBlocks : null,
            KnownCachedKVBlocks = isKnown ? worker.Cache!.NumBlocks : null,
            KVEventsCurrent = isKnown ? worker.Cache!.IsCurrent : null,
        };
    }
}

/// <summary>What <c>/admin/workers</c> answers.</summary>
internal sealed record WorkersAnswer(WorkerAnswer[] Workers);

/// <summary>One worker; what is not known of it is not there.</summary>
internal sealed record WorkerAnswer(
    string Id,
    string Model,
    string Address,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] int? Gpu,
    string State,
    long Generation,
    bool SafeToDelete,
    string? Error)
{
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public string? NumericsClass { get; init; }

    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public bool? Exact { get; init; }

    [JsonPropertyName("kv_blocks"), JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public int? KVBlocks { get; init; }

    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public int? Running { get; init; }

    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public int? Waiting { get; init; }

    [JsonPropertyName("used_kv_blocks"), JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public int? UsedKVBlocks { get; init; }

    [JsonPropertyName("known_cached_kv_blocks"), JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public long? KnownCachedKVBlocks { get; init; }

    [JsonPropertyName("kv_events_current"), JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public bool? KVEventsCurrent { get; init; }
}

/// <summary>What <c>/admin/drain</c> answers.</summary>
internal sealed record DrainAnswer(string Status);
