using Dynamo.Frontend.Access;
using Dynamo.Frontend.Configuration;
using Dynamo.Frontend.Endpoints;
using Dynamo.Frontend.Errors;
using Dynamo.Frontend.Metrics;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Cors;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;

namespace Dynamo.Frontend;

/// <summary>Maps the paths of the OpenAI-compatible HTTP surface.</summary>
public static class FrontendEndpointRouteBuilderExtensions
{
    private const string ClientsPrefix = "/v1";

    private static readonly string[] ReadMethods = [HttpMethods.Get, HttpMethods.Head];

    /// <summary>
    /// Maps <c>/v1/chat/completions</c>, <c>/v1/completions</c>, <c>/v1/models</c>, <c>/health</c>, <c>/live</c>, <c>/metrics</c> and what else is served
    /// (<c>/openapi.json</c> describes it). Any other path that the host does not map is answered with OpenAI's error object.
    /// </summary>
    /// <param name="endpoints">
    /// The host's routes; <see cref="FrontendServiceCollectionExtensions.AddDynamoFrontend"/> and
    /// <see cref="FrontendApplicationBuilderExtensions.UseDynamoFrontend"/> must have been called.
    /// </param>
    public static IEndpointRouteBuilder MapDynamoFrontend(this IEndpointRouteBuilder endpoints)
    {
        IServiceProvider services = endpoints.ServiceProvider;

        // First: it must hear of whatever is counted.
        IMetricsExporter metrics = services.GetRequiredService<IMetricsExporter>();
        AccessGuard guard = services.GetRequiredService<AccessGuard>();
        GenerationEndpoint generation = services.GetRequiredService<GenerationEndpoint>();
        ModelsEndpoint models = services.GetRequiredService<ModelsEndpoint>();
        HealthEndpoint health = services.GetRequiredService<HealthEndpoint>();
        AdminEndpoint admin = services.GetRequiredService<AdminEndpoint>();
        BusyThresholdEndpoint busy = services.GetRequiredService<BusyThresholdEndpoint>();
        FrontendInstruments instruments = services.GetRequiredService<FrontendInstruments>();

        Map("/v1/chat/completions", Audience.Clients, [HttpMethods.Post], generation.ChatAsync);
        Map("/v1/completions", Audience.Clients, [HttpMethods.Post], generation.CompletionsAsync);
        Map("/v1/streams/{id}", Audience.Clients, ReadMethods, generation.ResumeAsync);
        Map("/v1/models", Audience.Clients, ReadMethods, models.ListAsync);
        Map("/v1/models/{**id}", Audience.Clients, ReadMethods, models.GetAsync);
        Map("/health", Audience.Everybody, ReadMethods, health.HealthAsync);
        Map("/ping", Audience.Everybody, [.. ReadMethods, HttpMethods.Post], health.PingAsync);
        Map("/live", Audience.Everybody, ReadMethods, HealthEndpoint.LiveAsync);
        Map("/load", Audience.Everybody, ReadMethods, context => ServerEndpoint.LoadAsync(context, instruments));
        Map("/version", Audience.Everybody, ReadMethods, ServerEndpoint.VersionAsync);
        Map("/openapi.json", Audience.Everybody, ReadMethods, ServerEndpoint.OpenApiAsync);
        Map("/docs", Audience.Everybody, ReadMethods, ServerEndpoint.DocsAsync);
        Map("/metrics", Audience.Everybody, ReadMethods, context => ExportAsync(context, metrics));
        Map("/admin/workers", Audience.Operators, ReadMethods, admin.WorkersAsync);
        Map("/admin/routing/decisions", Audience.Operators, ReadMethods, admin.DecisionsAsync);
        Map("/admin/routing/decisions/{id}", Audience.Operators, ReadMethods, admin.DecisionsAsync);
        Map("/admin/drain", Audience.Operators, [HttpMethods.Post], admin.DrainAsync);
        Map("/reset_prefix_cache", Audience.Operators, [HttpMethods.Post], admin.ResetPrefixCacheAsync);
        Map("/busy_threshold", Audience.Operators, [.. ReadMethods, HttpMethods.Post, HttpMethods.Delete], busy.HandleAsync);
        endpoints.MapFallback("{**path}", Guarded(guard, audience: null, static context => ErrorWriter.RespondAsync(context.Response, UnknownPath(context.Request))))
            .WithMetadata(new EnableCorsAttribute(CrossOriginPolicy.Name));
        return endpoints;

        // A path with another method is an endpoint of its own: it would fall through to "unknown URL" otherwise.
        void Map(string pattern, Audience audience, string[] methods, RequestDelegate handler)
        {
            object crossOrigin = audience == Audience.Operators ? new DisableCorsAttribute() : new EnableCorsAttribute(CrossOriginPolicy.Name);
            endpoints.MapMethods(pattern, methods, Guarded(guard, audience, handler)).WithMetadata(crossOrigin);
            string allowed = string.Join(", ", methods);
            endpoints.Map(pattern, Guarded(guard, audience, context => ErrorWriter.RespondAsync(context.Response, WrongMethod(context.Request, allowed))))
                .WithMetadata(crossOrigin)
                .WithOrder(1);
        }
    }

    /// <summary>
    /// Opens endpoints of the host to operators only, as <c>/admin</c>: to this machine itself, or with <see cref="FrontendOptions.AdminKey"/>; a browser is
    /// asked for the key.
    /// </summary>
    /// <param name="endpoints">The endpoints.</param>
    /// <param name="services">The host's services; <see cref="FrontendServiceCollectionExtensions.AddDynamoFrontend"/> must have been called.</param>
    public static TBuilder RequireDynamoOperator<TBuilder>(this TBuilder endpoints, IServiceProvider services)
        where TBuilder : IEndpointConventionBuilder
    {
        AccessGuard guard = services.GetRequiredService<AccessGuard>();
        endpoints.WithMetadata(new DisableCorsAttribute());
        endpoints.Finally(endpoint =>
        {
            if (endpoint.RequestDelegate is { } handler)
            {
                endpoint.RequestDelegate = Guarded(guard, Audience.Operators, handler);
            }
        });
        return endpoints;
    }

    /// <summary>Whether a path, served or not, is one of clients.</summary>
    internal static bool IsClients(PathString path) => path.StartsWithSegments(ClientsPrefix);

    // Without an audience: whoever would be asked for a key by a path that exists is asked for it by one that does not.
    private static RequestDelegate Guarded(AccessGuard guard, Audience? audience, RequestDelegate handler) => async context =>
    {
        try
        {
            guard.Check(context, audience ?? (IsClients(context.Request.Path) ? Audience.Clients : Audience.Everybody));
            await handler(context);
        }
        catch (Exception e) when (!context.Response.HasStarted && ErrorMapper.Map(e) is { } error && !context.RequestAborted.IsCancellationRequested)
        {
            await ErrorWriter.RespondAsync(context.Response, error);
        }
    };

    private static ApiException WrongMethod(HttpRequest request, string allowed) =>
        new(StatusCodes.Status405MethodNotAllowed, ApiException.InvalidRequest, $"{request.Path} takes {allowed}, not {request.Method}.", null, "method_not_allowed")
        {
            Allow = allowed,
        };

    private static ApiException UnknownPath(HttpRequest request) =>
        new(StatusCodes.Status404NotFound, ApiException.InvalidRequest, $"Unknown request URL: {request.Method} {request.Path}.", null, "unknown_url");

    private static Task ExportAsync(HttpContext context, IMetricsExporter metrics)
    {
        context.Response.ContentType = metrics.ContentType;
        return metrics.WriteAsync(context.Response.Body, context.RequestAborted);
    }
}
