using Dynamo.Engine.Execution;
using Dynamo.Frontend;
using Dynamo.Frontend.Access;
using Dynamo.Frontend.Configuration;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.Configuration;

namespace Dynamo.Hosting;

/// <summary>Puts a frontend, a worker or both into a program's own host (docs/embedding.md).</summary>
public static class DynamoHostExtensions
{
    private const string Section = "Dynamo";

    /// <summary>Adds the OpenAI-compatible HTTP surface and the routers of a cluster; <see cref="MapDynamo"/> maps it.</summary>
    /// <param name="builder">The host.</param>
    /// <param name="configure">Changes the options, once they have been read from the host's configuration.</param>
    /// <exception cref="ArgumentException">A value is out of range; the message names all of them.</exception>
    /// <exception cref="InvalidOperationException">The configuration names something that is not there, or the host has a frontend already.</exception>
    public static TBuilder AddDynamoFrontend<TBuilder>(this TBuilder builder, Action<DynamoFrontendOptions>? configure = null)
        where TBuilder : IHostApplicationBuilder
    {
        DynamoFrontendOptions options = new();
        Bind(builder, "Frontend", options.Frontend);
        Bind(builder, "Router", options.Router);
        Bind(builder, "Migration", options.Migration);
        Bind(builder, "Telemetry", options.Telemetry);
        configure?.Invoke(options);
        FrontendPart.AddTo(builder, options);
        return builder;
    }

    /// <summary>Adds a worker: one engine for each GPU that the process offers.</summary>
    /// <param name="builder">The host. Where it has a frontend, that is to be added first: requests finish before their engines stop.</param>
    /// <param name="configure">Changes the options, once they have been read from the host's configuration.</param>
    /// <exception cref="ArgumentException">There is no model, or nothing that loads it.</exception>
    /// <exception cref="InvalidOperationException">The configuration names something that is not there, or the host has a worker already.</exception>
    public static TBuilder AddDynamoWorker<TBuilder>(this TBuilder builder, Action<DynamoWorkerOptions> configure)
        where TBuilder : IHostApplicationBuilder
    {
        DynamoWorkerOptions options = new();
        Bind(builder, "Worker", options.Worker);
        Bind(builder, "Telemetry", options.Telemetry);
        configure(options);
        WorkerPart.AddTo(builder, options, new Progress<LoadProgress>());
        return builder;
    }

    /// <summary>
    /// Maps the HTTP surface: <c>/v1</c>, <c>/health</c>, <c>/metrics</c> and what else <c>/openapi.json</c> describes. Nothing else of the host is touched.
    /// </summary>
    /// <param name="endpoints">The host's routes, or a group of them; <see cref="AddDynamoFrontend"/> must have been called.</param>
    /// <returns>Adds conventions to all of them: <c>RequireAuthorization()</c>, for example.</returns>
    public static IEndpointConventionBuilder MapDynamo(this IEndpointRouteBuilder endpoints) => endpoints.MapFrontend();

    /// <summary>
    /// Opens endpoints of the host to operators only, as <c>/admin</c>: to this machine itself, or with <see cref="FrontendOptions.AdminKey"/>; a browser is
    /// asked for the key.
    /// </summary>
    /// <param name="endpoints">The endpoints.</param>
    /// <param name="services">The host's services; <see cref="AddDynamoFrontend"/> must have been called.</param>
    public static TBuilder RequireDynamoOperator<TBuilder>(this TBuilder endpoints, IServiceProvider services)
        where TBuilder : IEndpointConventionBuilder
    {
        services.GetRequiredService<EndpointPipeline>().Surround(endpoints, Audience.Operators);
        return endpoints;
    }

    private static void Bind(IHostApplicationBuilder builder, string part, object options) =>
        builder.Configuration.GetSection(Section).GetSection(part).Bind(options, static binder => binder.ErrorOnUnknownConfiguration = true);
}
