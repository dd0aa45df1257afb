using Dynamo.Cluster.Membership;
using Dynamo.Cluster.Telemetry;
using Dynamo.Frontend.Access;
using Dynamo.Frontend.Admission;
using Dynamo.Frontend.Configuration;
using Dynamo.Frontend.Endpoints;
using Dynamo.Frontend.Metrics;
using Dynamo.Frontend.Models;
using Dynamo.Frontend.Requests;
using Dynamo.Serving.Admin;
using Dynamo.Serving.Catalog;
using Dynamo.Serving.Generation;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.AspNetCore.Server.Kestrel.Transport.Sockets;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Hosting;

namespace Dynamo.Frontend;

/// <summary>Adds the OpenAI-compatible HTTP surface to a host.</summary>
internal static class FrontendServiceCollectionExtensions
{
    /// <summary>
    /// Adds the frontend. The host must have an <see cref="IGenerator"/>, an <see cref="IStreamResumer"/>, an <see cref="IModelCatalog"/>, an <see cref="IClusterAdmin"/>, an
    /// <see cref="IMetricsExporter"/> and a <see cref="TimeProvider"/>.
    /// </summary>
    /// <param name="services">The host's services.</param>
    /// <param name="options">Limits.</param>
    /// <exception cref="ArgumentException">A limit is out of range.</exception>
    public static IServiceCollection AddFrontend(this IServiceCollection services, FrontendOptions options)
    {
        options.Validate();
        services.AddRouting();
        services.AddCors();
        services.AddMetrics();
        services.AddSingleton(options);
        services.TryAddSingleton(new NodeState(NodePhase.Serving));
        services.AddSingleton<RequestGate>();
        services.AddSingleton<Rehearsal>();
        services.AddSingleton(static services => ActivatorUtilities.CreateInstance<ModelTexts>(services, (Func<ServedModel, ModelText, Task>)services.GetRequiredService<Rehearsal>().RunAsync));
        services.AddSingleton<SeedSource>();
        services.AddSingleton<FrontendInstruments>();
        services.AddSingleton<GenAIInstruments>();
        services.AddSingleton<IObservedInstruments, ModelInstruments>();
        services.AddSingleton<ResumeEndpoint>();
        services.AddSingleton<GenerationEndpoint>();
        services.AddSingleton<AccessGuard>();
        services.AddSingleton<EndpointPipeline>();
        services.AddSingleton<AdminEndpoint>();
        services.AddSingleton<BusyThresholdEndpoint>();
        services.AddSingleton<ModelsEndpoint>();
        services.AddSingleton<HealthEndpoint>();
        return services;
    }

    /// <summary>Lets a crowd connect at one moment, from machines that are busy: for a host that is nothing but a frontend.</summary>
    public static IServiceCollection AddCrowdedConnections(this IServiceCollection services)
    {
        services.Configure<KestrelServerOptions>(static kestrel => kestrel.Limits.RequestHeadersTimeout = ConnectionLimits.HeadersTimeout);
        services.Configure<SocketTransportOptions>(static sockets =>
        {
            sockets.Backlog = ConnectionLimits.Backlog;

            // A token is sent by the thread that has it, not by another that must be woken for it.
            sockets.UnsafePreferInlineScheduling = true;
        });
        return services;
    }

    /// <summary>
    /// Lets requests finish when the host stops its other services, and ends those that do not. Add it behind the frontend's role and before the
    /// worker's: services are stopped in the opposite order.
    /// </summary>
    /// <param name="services">The host's services, with an <see cref="IFrontendPeers"/>.</param>
    /// <param name="grace">How long requests may finish.</param>
    public static IServiceCollection AddRequestDrainer(this IServiceCollection services, TimeSpan grace) =>
        services.AddSingleton<IHostedService>(provider => ActivatorUtilities.CreateInstance<RequestDrainer>(provider, grace));
}
