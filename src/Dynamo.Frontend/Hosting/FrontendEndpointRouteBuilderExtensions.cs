using Dynamo.Cluster.Telemetry;
using Dynamo.Frontend.Access;
using Dynamo.Frontend.Endpoints;
using Dynamo.Frontend.Errors;
using Dynamo.Frontend.Metrics;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;

namespace Dynamo.Frontend;

/// <summary>Maps the paths of the OpenAI-compatible HTTP surface.</summary>
internal static class FrontendEndpointRouteBuilderExtensions
{
    private static readonly string[] ReadMethods = [HttpMethods.Get, HttpMethods.Head];

    /// <summary>
    /// Maps <c>/v1/chat/completions</c>, <c>/v1/completions</c>, <c>/v1/models</c>, <c>/health</c>, <c>/live</c>, <c>/metrics</c> and what else is served
    /// (<c>/openapi.json</c> describes it). Any other path under <c>/v1</c> and <c>/admin</c> is answered with OpenAI's error object; nothing else of the host is
    /// touched.
    /// </summary>
    /// <param name="endpoints">The host's routes; <see cref="FrontendServiceCollectionExtensions.AddFrontend"/> must have been called.</param>
    /// <returns>Adds conventions to all of them.</returns>
    public static IEndpointConventionBuilder MapFrontend(this IEndpointRouteBuilder endpoints)
    {
        IServiceProvider services = endpoints.ServiceProvider;

        // First: it must hear of whatever is counted.
        IMetricsExporter metrics = services.GetRequiredService<IMetricsExporter>();
        GenerationEndpoint generation = services.GetRequiredService<GenerationEndpoint>();
        ModelsEndpoint models = services.GetRequiredService<ModelsEndpoint>();
        HealthEndpoint health = services.GetRequiredService<HealthEndpoint>();
        AdminEndpoint admin = services.GetRequiredService<AdminEndpoint>();
        BusyThresholdEndpoint busy = services.GetRequiredService<BusyThresholdEndpoint>();
        FrontendInstruments instruments = services.GetRequiredService<FrontendInstruments>();
        EndpointPipeline pipeline = services.GetRequiredService<EndpointPipeline>();
        RouteGroupBuilder group = endpoints.MapGroup("");

        RouteGroupBuilder clients = For(Audience.Clients);
        Map(clients, "/v1/chat/completions", [HttpMethods.Post], generation.ChatAsync);
        Map(clients, "/v1/completions", [HttpMethods.Post], generation.CompletionsAsync);
        Map(clients, "/v1/streams/{id}", ReadMethods, generation.ResumeAsync);
        Map(clients, "/v1/models", ReadMethods, models.ListAsync);
        Map(clients, "/v1/models/{**id}", ReadMethods, models.GetAsync);
        clients.MapFallback("/v1/{**path}", RespondUnknownAsync);

        RouteGroupBuilder everybody = For(Audience.Everybody);
        Map(everybody, "/health", ReadMethods, health.HealthAsync);
        Map(everybody, "/ping", [.. ReadMethods, HttpMethods.Post], health.PingAsync);
        Map(everybody, "/live", ReadMethods, HealthEndpoint.LiveAsync);
        Map(everybody, "/load", ReadMethods, context => ServerEndpoint.LoadAsync(context, instruments));
        Map(everybody, "/version", ReadMethods, ServerEndpoint.VersionAsync);
        Map(everybody, "/openapi.json", ReadMethods, ServerEndpoint.OpenApiAsync);
        Map(everybody, "/docs", ReadMethods, ServerEndpoint.DocsAsync);
        Map(everybody, "/metrics", ReadMethods, context => ExportAsync(context, metrics));
        everybody.MapFallback("/admin/{**path}", RespondUnknownAsync);

        RouteGroupBuilder operators = For(Audience.Operators);
        Map(operators, "/admin/workers", ReadMethods, admin.WorkersAsync);
        Map(operators, "/admin/routing/decisions", ReadMethods, admin.DecisionsAsync);
        Map(operators, "/admin/routing/decisions/{id}", ReadMethods, admin.DecisionsAsync);
        Map(operators, "/admin/drain", [HttpMethods.Post], admin.DrainAsync);
        Map(operators, "/reset_prefix_cache", [HttpMethods.Post], admin.ResetPrefixCacheAsync);
        Map(operators, "/busy_threshold", [.. ReadMethods, HttpMethods.Post, HttpMethods.Delete], busy.HandleAsync);
        return group;

        RouteGroupBuilder For(Audience audience)
        {
            RouteGroupBuilder paths = group.MapGroup("");
            pipeline.Surround(paths, audience);
            return paths;
        }
    }

    /// <summary>Answers every path that the host does not map with OpenAI's error object: for a host that is nothing but a frontend.</summary>
    public static void MapUnknownPaths(this IEndpointRouteBuilder endpoints) =>
        endpoints.ServiceProvider.GetRequiredService<EndpointPipeline>().Surround(endpoints.MapFallback("{**path}", RespondUnknownAsync), audience: null);

    // A path with another method is an endpoint of its own: it would fall through to "unknown URL" otherwise.
    private static void Map(RouteGroupBuilder group, string pattern, string[] methods, RequestDelegate handler)
    {
        group.MapMethods(pattern, methods, handler);
        string allowed = string.Join(", ", methods);
        group.Map(pattern, context => throw WrongMethod(context.Request, allowed)).WithOrder(1);
    }

    private static ApiException WrongMethod(HttpRequest request, string allowed) =>
        new(StatusCodes.Status405MethodNotAllowed, ApiException.InvalidRequest, $"{request.Path} takes {allowed}, not {request.Method}.", null, "method_not_allowed")
        {
            Allow = allowed,
        };

    private static Task RespondUnknownAsync(HttpContext context) => throw new ApiException(
        StatusCodes.Status404NotFound, ApiException.InvalidRequest, $"Unknown request URL: {context.Request.Method} {context.Request.Path}.", null, "unknown_url");

    private static Task ExportAsync(HttpContext context, IMetricsExporter metrics)
    {
        context.Response.ContentType = metrics.ContentType;
        return metrics.WriteAsync(context.Response.Body, context.RequestAborted);
    }
}
