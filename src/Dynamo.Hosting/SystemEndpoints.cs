using System.Text.Json.Nodes;
using Dynamo.Abstractions.Instances;
using Dynamo.Cluster.Membership;
using Dynamo.Cluster.Telemetry;
using Dynamo.Worker.Engines;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;

namespace Dynamo.Hosting;

/// <summary>What a process without a frontend answers by HTTP: <c>/live</c>, <c>/health</c> and <c>/metrics</c>.</summary>
internal static class SystemEndpoints
{
    /// <summary>Maps them.</summary>
    /// <param name="endpoints">The host's routes.</param>
    /// <param name="metrics">The metrics.</param>
    /// <param name="engines">The workers of the process.</param>
    /// <param name="model">Their model.</param>
    /// <param name="state">Where the process is in its life.</param>
    public static void MapSystem(this IEndpointRouteBuilder endpoints, IMetricsExporter metrics, EngineHosts engines, string model, NodeState state)
    {
        endpoints.MapGet("/live", static context => RespondAsync(context, StatusCodes.Status200OK, new JsonObject { ["status"] = "live" }));
        endpoints.MapGet("/health", context => HealthAsync(context, engines, model, state.Phase));
        endpoints.MapGet("/metrics", context =>
        {
            context.Response.ContentType = metrics.ContentType;
            return metrics.WriteAsync(context.Response.Body, context.RequestAborted);
        });
    }

    // Ready when every worker of the process takes requests.
    private static Task HealthAsync(HttpContext context, EngineHosts engines, string model, NodePhase phase)
    {
        RankReport[] reports = [.. engines.All.Select(static engine => engine.Report())];
        bool isReady = phase == NodePhase.Serving && Array.TrueForAll(reports, static report => report.State == InstanceState.Ready);
        return RespondAsync(context, isReady ? StatusCodes.Status200OK : StatusCodes.Status503ServiceUnavailable, new JsonObject
        {
            ["status"] = isReady ? "ready" : phase == NodePhase.Starting ? "starting" : phase == NodePhase.Leaving ? "draining" : "notready",
            ["model"] = model,
            ["workers"] = new JsonArray([.. reports.Select(static report => JsonValue.Create(report.State.ToString().ToLowerInvariant()))]),
            ["numerics"] = new JsonArray([.. reports.Select(Numerics)]),
        });
    }

    // Of each worker, in the order of their states; null until it is loaded.
    private static JsonObject? Numerics(RankReport report) => report.Limits is { } limits
        ? new JsonObject { ["numerics_class"] = limits.NumericsClass, ["exact"] = Exactness.IsPromisedBy(limits.NumericsClass) }
        : null;

    private static Task RespondAsync(HttpContext context, int status, JsonObject body)
    {
        context.Response.StatusCode = status;
        context.Response.ContentType = "application/json";
        return context.Response.WriteAsync(body.ToJsonString(), context.RequestAborted);
    }
}
