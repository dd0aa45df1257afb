using Dynamo.Cluster;
using Dynamo.Cluster.Placement;
using Dynamo.Cluster.Settings;
using Dynamo.Diagnostics;
using Dynamo.Hosting.Telemetry;
using Orleans.Dashboard;

namespace Dynamo.Hosting;

/// <summary>The one silo of a host, which the parts of the host compose: a frontend, a worker, or both.</summary>
internal sealed class HostSilo
{
    // What the Dashboard shows of a silo is gathered whether somebody looks or not.
    private const int DashboardMilliseconds = 5000;

    private readonly Dictionary<string, string> _metadata = [];
    private Action<ISiloBuilder>? _begin;
    private ClusterSettings? _cluster;
    private SiloRoles _roles;

    /// <summary>The silo of a host that is being built.</summary>
    public static HostSilo Of(IHostApplicationBuilder builder)
    {
        if (!builder.Properties.TryGetValue(typeof(HostSilo), out object? silo))
        {
            builder.Properties.Add(typeof(HostSilo), silo = new HostSilo());
        }

        return (HostSilo)silo;
    }

    /// <summary>Adds services before any part does; theirs are stopped before these.</summary>
    public void BeginWith(Action<ISiloBuilder> begin) => _begin = begin;

    /// <summary>Adds a part.</summary>
    /// <param name="builder">The host.</param>
    /// <param name="role">What the part is for.</param>
    /// <param name="cluster">The cluster to join, by the first part; <see langword="null"/>: one of the process's own.</param>
    /// <param name="telemetry">How the process is measured, by the first part.</param>
    /// <param name="add">Adds its services.</param>
    /// <exception cref="InvalidOperationException">The host has such a part, or joins another cluster.</exception>
    public void Add(IHostApplicationBuilder builder, SiloRoles role, ClusterSettings? cluster, TelemetryOptions telemetry, Action<ISiloBuilder> add)
    {
        if (_roles.HasFlag(role))
        {
            throw new InvalidOperationException($"This host has a {role.ToString().ToLowerInvariant()} already; a process has one silo.");
        }

        bool isFirst = _roles == SiloRoles.None;
        if (!isFirst && cluster is not null && cluster != _cluster)
        {
            throw new InvalidOperationException($"{nameof(DynamoFrontendOptions.Cluster)} differs from that of the part that was added first; a process has one silo, which is in one cluster.");
        }

        _roles |= role;
        _metadata[SiloRolesMetadata.Key] = SiloRolesMetadata.Format(_roles);
        builder.UseOrleans(silo =>
        {
            if (isFirst)
            {
                _cluster = cluster;
                _begin?.Invoke(silo);
                silo.Services.AddDynamoTelemetry(cluster is null ? telemetry : telemetry with { Namespace = cluster.ClusterId });
                _ = cluster is null ? silo.UseLocalCluster() : silo.UseRedisCluster(cluster);
                silo.UseDynamo(_metadata);
                silo.AddDiagnostics();
                silo.AddDashboard(static dashboard => (dashboard.HideTrace, dashboard.CounterUpdateIntervalMs) = (true, DashboardMilliseconds));
            }

            add(silo);
        });
    }
}
