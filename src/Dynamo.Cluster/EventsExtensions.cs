using Dynamo.Cluster.Events;
using Dynamo.Cluster.Membership;
using Dynamo.Cluster.Planes;
using Dynamo.Cluster.Routing;
using Dynamo.Cluster.Settings;
using Dynamo.Security.Keys;
using Microsoft.Extensions.DependencyInjection.Extensions;

namespace Dynamo.Cluster;

/// <summary>Lets workers tell routers what they hold.</summary>
public static class EventsExtensions
{
    /// <summary>KV events and load travel over NATS while it answers; without this, and while it does not, in grain calls.</summary>
    /// <param name="silo">The silo.</param>
    /// <param name="server">The servers.</param>
    /// <param name="clusterId">Name of the cluster, part of every subject.</param>
    /// <param name="key">Its key, with which messages are sealed.</param>
    public static ISiloBuilder UseNats(this ISiloBuilder silo, NatsAccess server, string clusterId, ClusterKey key)
    {
        silo.Services.AddSingleton(new EventSeal(key));
        silo.Services.AddSingleton(new EventSubjects(clusterId));
        silo.Services.AddSingleton(services => ActivatorUtilities.CreateInstance<NatsLink>(services, server));
        silo.Services.AddSingleton<IClusterHealth>(static services => services.GetRequiredService<NatsLink>());
        silo.Services.AddHostedService(static services => services.GetRequiredService<NatsLink>());
        silo.Services.AddSingleton<NatsPlane>();
        silo.Services.AddSingleton<NatsFeed>();
        return silo;
    }

    /// <summary>Adds what workers publish with and routers listen with.</summary>
    internal static void AddEvents(this ISiloBuilder silo)
    {
        silo.Services.AddSingleton<GrainCallPlane>();
        silo.Services.AddSingleton<IEventPlane>(static services => services.GetService<NatsPlane>() is { } nats
            ? new FallbackPlane(nats, services.GetRequiredService<GrainCallPlane>())
            : services.GetRequiredService<GrainCallPlane>());
        silo.Services.AddMetrics();
        silo.Services.AddSingleton<RouterInstruments>();
#pragma warning disable RS0030 // Where chance comes in.
        silo.Services.TryAddSingleton(static _ => Random.Shared);
#pragma warning restore RS0030
    }
}
