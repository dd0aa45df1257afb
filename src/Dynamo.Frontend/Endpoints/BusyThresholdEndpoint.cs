using Dynamo.Frontend.Bodies;
using Dynamo.Frontend.Errors;
using Dynamo.Frontend.Json;
using Dynamo.Protocol.Routing;
using Dynamo.Serving.Admin;
using Microsoft.AspNetCore.Http;

namespace Dynamo.Frontend.Endpoints;

/// <summary>
/// <c>/busy_threshold</c>: reads and changes when workers are too busy to get more, while the cluster runs. Dynamo's paths and names; unlike there
/// what is set holds for all frontends and outlives them, and can be taken back.
/// </summary>
internal sealed class BusyThresholdEndpoint(IClusterAdmin admin)
{
    private const string UsedBlocks = "active_decode_blocks_threshold";
    private const string PrefillTokens = "active_prefill_tokens_threshold";
    private const string PrefillFraction = "active_prefill_tokens_threshold_frac";

    /// <summary>
    /// <c>GET</c>: all models with their thresholds. <c>POST</c> with <c>model</c> and thresholds: sets those that are numbers; with <c>model</c> alone:
    /// answers what holds. <c>DELETE ?model=</c>: the thresholds of the frontends' own flags hold again.
    /// </summary>
    public Task HandleAsync(HttpContext context) =>
        HttpMethods.IsPost(context.Request.Method) ? SetAsync(context)
        : HttpMethods.IsDelete(context.Request.Method) ? ResetAsync(context)
        : ListAsync(context);

    private async Task ListAsync(HttpContext context)
    {
        IReadOnlyList<(string Model, BusyLimits Limits)> models = await admin.GetBusyLimitsAsync(model: null);
        await JsonOutput.RespondAsync(
            context.Response, new ThresholdsAnswer([.. models.Select(static model => ThresholdAnswer.Of(model.Model, model.Limits))]), AnswerJson.Default.ThresholdsAnswer);
    }

    private async Task SetAsync(HttpContext context)
    {
        using RequestBody body = await RequestBody.ReadAsync(context.Request, context.RequestAborted);
        JsonFields fields = new(body.Root);
        string model = fields.Text("model") ?? throw fields.Missing("model");
        fields.RefuseOthers(["model", UsedBlocks, PrefillTokens, PrefillFraction]);
        BusyLimits limits = new()
        {
            ActiveDecodeBlocks = fields.Real(UsedBlocks, 1),
            ActivePrefillTokens = fields.Any(PrefillTokens) is { } tokens ? JsonValues.Integer(tokens, fields.PathOf(PrefillTokens), 0, long.MaxValue) : null,
            ActivePrefillTokensFraction = fields.Real(PrefillFraction, double.MaxValue),
        };
        if (limits != new BusyLimits() && !await admin.SetBusyLimitsAsync(model, limits))
        {
            throw Unknown(model);
        }

        await AnswerAsync(context, model);
    }

    private async Task ResetAsync(HttpContext context)
    {
        string model = context.Request.Query["model"].ToString();
        if (model.Length == 0)
        {
            throw ApiException.BadParameter("model", "'model' is missing: DELETE /busy_threshold?model=NAME.", "missing_required_parameter");
        }

        if (!await admin.SetBusyLimitsAsync(model, limits: null))
        {
            throw Unknown(model);
        }

        await AnswerAsync(context, model);
    }

    private async Task AnswerAsync(HttpContext context, string model)
    {
        IReadOnlyList<(string Model, BusyLimits Limits)> found = await admin.GetBusyLimitsAsync(model);
        BusyLimits limits = found.Count == 1 ? found[0].Limits : throw Unknown(model);
        await JsonOutput.RespondAsync(context.Response, ThresholdAnswer.Of(model, limits), AnswerJson.Default.ThresholdAnswer);
    }

    private static ApiException Unknown(string model) => new(
        StatusCodes.Status404NotFound,
        ApiException.InvalidRequest,
        $"There is no model '{Shortened.To(100, model)}'; GET /v1/models lists them.",
        "model",
        "model_not_found");
}

/// <summary>What <c>GET /busy_threshold</c> answers.</summary>
internal sealed record ThresholdsAnswer(ThresholdAnswer[] Thresholds);

/// <summary>The thresholds of one model.</summary>
internal sealed record ThresholdAnswer(string Model, double? ActiveDecodeBlocksThreshold, long? ActivePrefillTokensThreshold, double? ActivePrefillTokensThresholdFrac)
{
    public static ThresholdAnswer Of(string model, BusyLimits limits) => new(model, limits.ActiveDecodeBlocks, limits.ActivePrefillTokens, limits.ActivePrefillTokensFraction);
}
