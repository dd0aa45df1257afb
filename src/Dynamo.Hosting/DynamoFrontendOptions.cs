using Dynamo.Cluster.Settings;
using Dynamo.Frontend.Configuration;
using Dynamo.Hosting.Telemetry;
using Dynamo.Routing.Configuration;
using Dynamo.Serving.Migration;

namespace Dynamo.Hosting;

/// <summary>A frontend in a program's own host. Each part is bound to the section of its name under <c>Dynamo</c> of the host's configuration first.</summary>
public sealed class DynamoFrontendOptions
{
    /// <summary>The cluster to join; <see langword="null"/>: one of this process's own.</summary>
    public ClusterSettings? Cluster { get; set; }

    /// <summary>Limits of the HTTP surface, and whom it lets in (<c>Dynamo:Frontend</c>).</summary>
    public FrontendOptions Frontend { get; set; } = new();

    /// <summary>How the routers of this process decide (<c>Dynamo:Router</c>); their block size is the workers'.</summary>
    public RouterOptions Router { get; set; } = new() { BlockSize = 1 };

    /// <summary>How requests move between workers (<c>Dynamo:Migration</c>).</summary>
    public MigrationOptions Migration { get; set; } = new();

    /// <summary>How the process is measured (<c>Dynamo:Telemetry</c>).</summary>
    public TelemetryOptions Telemetry { get; set; } = new();

    /// <summary>How long requests may finish when the host stops.</summary>
    /// <value>Default 20 s.</value>
    public TimeSpan ShutdownTimeout { get; set; } = TimeSpan.FromSeconds(20);
}
