using NATS.Client.Core;

namespace Dynamo.Cluster.Settings;

/// <summary>Where NATS is and how to speak to it. Never shows what it holds. Thread-safe.</summary>
public sealed class NatsAccess
{
    /// <summary>The servers, without user and password.</summary>
    public required IReadOnlyList<Uri> Servers { get; init; }

    /// <summary>User and password, token, or credentials file.</summary>
    public NatsAuthOpts Auth { get; init; } = NatsAuthOpts.Default;

    /// <summary>Certificates.</summary>
    public NatsTlsOpts Tls { get; init; } = NatsTlsOpts.Default;

    /// <summary>One server, open to everybody.</summary>
    public static NatsAccess Of(Uri server) => new() { Servers = [server] };

    /// <summary>The first server.</summary>
    public Uri First => Servers[0];

    /// <summary>All servers as <c>host:port</c>, for messages.</summary>
    public string Address => string.Join(',', Servers.Select(static server => server.Authority));

    /// <summary>Whether credentials are given.</summary>
    public bool HasCredentials => Auth.Username is not null || Auth.Token is not null || Auth.CredsFile is not null || Auth.NKeyFile is not null;

    /// <summary>How the client connects.</summary>
    public NatsOpts ToOptions() => NatsOpts.Default with { Url = string.Join(',', Servers), AuthOpts = Auth, TlsOpts = Tls };

    /// <inheritdoc/>
    public override string ToString() => Address;
}
