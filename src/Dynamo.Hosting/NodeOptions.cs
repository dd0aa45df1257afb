using System.Net;
using Dynamo.Cluster.Placement;
using Dynamo.Cluster.Settings;
using Dynamo.Engine.Execution;
using Dynamo.Frontend.Configuration;
using Dynamo.Hosting.Telemetry;
using Dynamo.Routing.Configuration;
using Dynamo.Serving.Migration;
using Dynamo.Worker.Engines;

namespace Dynamo.Hosting;

/// <summary>What a process is started as. Roles compose.</summary>
public sealed record NodeOptions
{
    /// <summary>The cluster to join; <see langword="null"/>: a cluster of its own.</summary>
    public ClusterSettings? Cluster { get; init; }

    /// <summary>Where HTTP is served; <see langword="null"/>: no frontend.</summary>
    public IPEndPoint? Http { get; init; }

    /// <summary>Whom the frontend lets in, and what it does with requests.</summary>
    public FrontendOptions Access { get; init; } = new();

    /// <summary>Where a process without a frontend tells by HTTP how it is; <see langword="null"/>: nowhere.</summary>
    public IPEndPoint? System { get; init; }

    /// <summary>How a frontend moves requests between workers.</summary>
    public MigrationOptions Migration { get; init; } = new();

    /// <summary>How the routers of a frontend decide.</summary>
    public RouterOptions? Router { get; init; }

    /// <summary>How the process is measured.</summary>
    public TelemetryOptions Telemetry { get; init; } = new();

    /// <summary>What is served here; <see langword="null"/>: no worker.</summary>
    public WorkerOptions? Worker { get; init; }

    /// <summary>Loads the worker's model.</summary>
    public IModelRunnerFactory? Runners { get; init; }

    /// <summary>Whether there is a worker, without a look at it.</summary>
    internal bool IsWorker => Worker is not null;

    /// <summary>What the silo is for.</summary>
    public SiloRoles Roles => (Http is null ? SiloRoles.None : SiloRoles.Frontend) | (IsWorker ? SiloRoles.Worker : SiloRoles.None);
}
