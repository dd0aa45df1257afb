using Dynamo.Frontend.Endpoints;
using Dynamo.Frontend.Errors;
using Dynamo.Frontend.Hosting;
using Dynamo.Frontend.Metrics;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;
using Prometheus;

namespace Dynamo.Frontend;

/// <summary>Maps the paths of the OpenAI-compatible HTTP surface.</summary>
public static class FrontendEndpointRouteBuilderExtensions
{
    private const string MetricsContentType = "text/plain; version=0.0.4; charset=utf-8";

    private static readonly string[] ReadMethods = [HttpMethods.Get, HttpMethods.Head];

    /// <summary>Refuses requests while the process starts or leaves; call it before other middleware.</summary>
    public static IApplicationBuilder UseDynamoFrontend(this IApplicationBuilder app) => app.Use(app.ApplicationServices.GetRequiredService<RequestGate>().InvokeAsync);

    /// <summary>
    /// Maps <c>/v1/chat/completions</c>, <c>/v1/completions</c>, <c>/v1/models</c>, <c>/health</c>, <c>/live</c>, <c>/metrics</c> and what operators use.
    /// Any other path that the host does not map is answered with OpenAI's error object.
    /// </summary>
    /// <param name="endpoints">The host's routes; <see cref="FrontendServiceCollectionExtensions.AddDynamoFrontend"/> must have been called.</param>
    public static IEndpointRouteBuilder MapDynamoFrontend(this IEndpointRouteBuilder endpoints)
    {
        IServiceProvider services = endpoints.ServiceProvider;
        GenerationEndpoint generation = services.GetRequiredService<GenerationEndpoint>();
        ModelsEndpoint models = services.GetRequiredService<ModelsEndpoint>();
        HealthEndpoint health = services.GetRequiredService<HealthEndpoint>();
        AdminEndpoint admin = services.GetRequiredService<AdminEndpoint>();
        BusyThresholdEndpoint busy = services.GetRequiredService<BusyThresholdEndpoint>();
        CollectorRegistry registry = services.GetRequiredService<FrontendMetrics>().Registry;

        Map("/v1/chat/completions", [HttpMethods.Post], generation.ChatAsync);
        Map("/v1/completions", [HttpMethods.Post], generation.CompletionsAsync);
        Map("/v1/streams/{id}", ReadMethods, generation.ResumeAsync);
        Map("/v1/models", ReadMethods, models.ListAsync);
        Map("/v1/models/{**id}", ReadMethods, models.GetAsync);
        Map("/health", ReadMethods, health.HealthAsync);
        Map("/live", ReadMethods, HealthEndpoint.LiveAsync);
        Map("/admin/workers", ReadMethods, context => GuardAsync(context, admin.WorkersAsync));
        Map("/admin/routing/decisions", ReadMethods, context => GuardAsync(context, admin.DecisionsAsync));
        Map("/admin/routing/decisions/{id}", ReadMethods, context => GuardAsync(context, admin.DecisionsAsync));
        Map("/admin/drain", [HttpMethods.Post], context => GuardAsync(context, admin.DrainAsync));
        Map("/busy_threshold", [.. ReadMethods, HttpMethods.Post, HttpMethods.Delete], context => GuardAsync(context, busy.HandleAsync));
        Map("/metrics", ReadMethods, context => ExportAsync(context, registry));
        endpoints.MapFallback("{**path}", static context => ErrorWriter.RespondAsync(context.Response, UnknownPath(context.Request)));
        return endpoints;

        // A path with another method is an endpoint of its own: it would fall through to "unknown URL" otherwise.
        void Map(string pattern, string[] methods, RequestDelegate handler)
        {
            endpoints.MapMethods(pattern, methods, handler);
            string allowed = string.Join(", ", methods);
            endpoints.Map(pattern, context => ErrorWriter.RespondAsync(context.Response, WrongMethod(context.Request, allowed))).WithOrder(1);
        }
    }

    private static async Task GuardAsync(HttpContext context, RequestDelegate handler)
    {
        try
        {
            await handler(context);
        }
        catch (Exception e) when (ErrorMapper.Map(e) is { } error)
        {
            await ErrorWriter.RespondAsync(context.Response, error);
        }
    }

    private static ApiException WrongMethod(HttpRequest request, string allowed) =>
        new(StatusCodes.Status405MethodNotAllowed, ApiException.InvalidRequest, $"{request.Path} takes {allowed}, not {request.Method}.", null, "method_not_allowed")
        {
            Allow = allowed,
        };

    private static ApiException UnknownPath(HttpRequest request) =>
        new(StatusCodes.Status404NotFound, ApiException.InvalidRequest, $"Unknown request URL: {request.Method} {request.Path}.", null, "unknown_url");

    private static async Task ExportAsync(HttpContext context, CollectorRegistry registry)
    {
        context.Response.ContentType = MetricsContentType;
        await registry.CollectAndExportAsTextAsync(context.Response.Body, context.RequestAborted);
    }
}
