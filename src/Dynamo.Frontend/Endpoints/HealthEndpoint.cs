using Dynamo.Cluster.Membership;
using Dynamo.Frontend.Json;
using Dynamo.Frontend.Models;
using Dynamo.Serving.Admin;
using Dynamo.Serving.Catalog;
using Microsoft.AspNetCore.Http;

namespace Dynamo.Frontend.Endpoints;

/// <summary><c>GET /health</c> and <c>/ping</c>: whether at least one model can answer. <c>GET /live</c>: whether the process does.</summary>
/// <param name="models">The models.</param>
/// <param name="state">Where the process is in its life.</param>
/// <param name="cluster">What is wrong with the control plane, by its parts; none in a cluster of one process.</param>
/// <param name="admin">The workers, of which notes tell whose answers may differ.</param>
internal sealed class HealthEndpoint(ModelTexts models, NodeState state, IEnumerable<IClusterHealth> cluster, IClusterAdmin admin)
{
    private const string Ready = "ready";

    /// <summary>200 when at least one model is ready, else 503, as while the process starts or leaves; both with the state of each model.</summary>
    public Task HealthAsync(HttpContext context)
    {
        NodePhase phase = state.Phase;
        ModelHealth[] all = [.. models.Models.Select(HealthOf)];
        bool isHealthy = phase == NodePhase.Serving && Array.Exists(all, static model => model.Status == Ready);

        // Serving goes on meanwhile, so neither faults nor notes make it unhealthy.
        HealthAnswer answer = new(
            all,
            [.. cluster.SelectMany(static part => part.Faults)],
            [.. NumericsNotes.Of(admin.Workers)],
            phase == NodePhase.Starting ? "starting" : phase == NodePhase.Leaving ? "draining" : isHealthy ? "healthy" : "not ready");
        context.Response.StatusCode = isHealthy ? StatusCodes.Status200OK : StatusCodes.Status503ServiceUnavailable;
        return JsonOutput.RespondAsync(context.Response, answer, AnswerJson.Default.HealthAnswer);
    }

    /// <summary><c>GET</c> or <c>POST /ping</c>, as SageMaker asks: the status of <c>/health</c> without a body.</summary>
    public Task PingAsync(HttpContext context)
    {
        context.Response.StatusCode = state.Phase == NodePhase.Serving && models.Models.Any(IsReady) ? StatusCodes.Status200OK : StatusCodes.Status503ServiceUnavailable;
        return Task.CompletedTask;
    }

    /// <summary>Always 200.</summary>
    public static Task LiveAsync(HttpContext context) => JsonOutput.RespondAsync(context.Response, new LiveAnswer("live"), AnswerJson.Default.LiveAnswer);

    private ModelHealth HealthOf(ServedModel model)
    {
        string? fault = models.Fault(model);
        return new ModelHealth(model.Name, IsReady(model) ? Ready : fault is null ? "not ready" : "broken", fault);
    }

    private bool IsReady(ServedModel model) => model.IsReady && models.IsLoaded(model);
}

/// <summary>What <c>/live</c> answers.</summary>
internal sealed record LiveAnswer(string Status);

/// <summary>What <c>/health</c> answers.</summary>
internal sealed record HealthAnswer(ModelHealth[] Models, string[] Faults, string[] Notes, string Status);

/// <summary>One of its models.</summary>
internal sealed record ModelHealth(string Id, string Status, string? Fault);
