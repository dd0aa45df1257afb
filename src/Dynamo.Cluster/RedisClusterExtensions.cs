using Dynamo.Cluster.Calls;
using Dynamo.Cluster.Deployments;
using Dynamo.Cluster.Joining;
using Dynamo.Cluster.Membership;
using Dynamo.Cluster.Settings;
using Orleans.Configuration;
using Orleans.Storage;
using StackExchange.Redis;

namespace Dynamo.Cluster;

/// <summary>Makes a silo a member of a cluster of many processes.</summary>
public static class RedisClusterExtensions
{
    /// <summary>Membership, grain directory and the few persisted records, as measured best for GPU silos (docs/architecture.md).</summary>
    /// <exception cref="ArgumentException">The settings have no <see cref="ClusterSettings.Key"/>.</exception>
    public static ISiloBuilder UseRedisCluster(this ISiloBuilder silo, ClusterSettings settings)
    {
        silo.UseClusterKey(settings.Key ?? throw new ArgumentException($"Call {nameof(ClusterAdmission)}.{nameof(ClusterAdmission.Enter)} first.", nameof(settings)));
        silo.AddIncomingGrainCallFilter<ClientCallFilter>();
        silo.Services.AddSingleton(settings);
        if (settings.Nats is { } nats)
        {
            silo.UseNats(nats, settings.ClusterId, settings.Key);
        }

        silo.Services.AddSingleton<ClusterRecords>();
        silo.Services.AddSingleton<ClusterRedis>();
        silo.Services.AddSingleton<IPresence, RedisPresence>();
        silo.Services.AddSingleton<IMembershipStore, RedisMembershipStore>();
        silo.Services.AddSingleton<ISiloProbe, HandshakeProbe>();
        silo.Services.AddSingleton<PredecessorSweep>();
        silo.Services.AddSingleton<IClusterHealth>(static services => services.GetRequiredService<PredecessorSweep>());
        silo.Services.AddSingleton<ILifecycleParticipant<ISiloLifecycle>>(static services => services.GetRequiredService<PredecessorSweep>());
        silo.Services.AddSingleton<MembershipWatch>();
        silo.Services.AddSingleton<IClusterHealth>(static services => services.GetRequiredService<MembershipWatch>());
        silo.Services.AddHostedService(static services => services.GetRequiredService<MembershipWatch>());
        ConfigurationOptions redis = RedisOptions.Of(settings);
        silo.Configure<ClusterOptions>(options => (options.ClusterId, options.ServiceId) = (settings.ClusterId, RedisOptions.ServiceId));
        silo.UseRedisClustering(options => options.ConfigurationOptions = redis);
        silo.ConfigureEndpoints(settings.Address, settings.SiloPort, settings.GatewayPort);
        silo.Configure<ClusterMembershipOptions>(static options =>
        {
            // A killed silo is declared dead in under a second, one that hangs in about 8 s; less would cost a reload of the weights after a
            // pause of a few seconds. Streams do not wait for it: frontends watch the frames.
            options.ProbeTimeout = TimeSpan.FromSeconds(1);
            options.NumMissedProbesLimit = 2;
            options.TableRefreshTimeout = TimeSpan.FromSeconds(5);
        });

        // The default directory deactivates grains on healthy silos when another leaves; this one does not, and without the lease it lets
        // grains of a dead silo's range be called again at once.
#pragma warning disable ORLEANSEXP003
        silo.AddDistributedGrainDirectory();
#pragma warning restore ORLEANSEXP003
        silo.Configure<GrainDirectoryOptions>(static options =>
        {
            options.RangeLeaseDuration = TimeSpan.Zero;

            // Room is made for all at the start, and walked through each second by who counts the entries; a cluster has a few grains for each GPU.
            options.CacheSize = 10_000;
        });
        silo.Services.AddSingleton<IGrainStorageSerializer, OrleansGrainStorageSerializer>();
        silo.AddRedisGrainStorage(ClusterStorage.Name, options => options.ConfigurationOptions = redis);
        return silo;
    }
}
