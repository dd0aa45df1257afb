using System.Net;
using System.Reflection;
using Dynamo.Cluster.Net;
using Dynamo.Cluster.Placement;
using Orleans.Runtime.MembershipService.SiloMetadata;
using Orleans.Runtime.Services;

namespace Dynamo.Diagnostics;

/// <summary>See <see cref="IDiagnosticsService"/>.</summary>
internal sealed class DiagnosticsService(GrainId id, Silo silo, ILoggerFactory loggers, ISiloMetadataCache metadata, TimeProvider time)
    : GrainService(id, silo, loggers), IDiagnosticsService
{
    /// <summary>How long a silo waits for a peer's answer.</summary>
    public static readonly TimeSpan Timeout = TimeSpan.FromSeconds(1);

    private readonly SiloAddress _silo = silo.SiloAddress;

    /// <summary>Build of this project: version and commit.</summary>
    public static string BuildVersion { get; } =
        typeof(DiagnosticsService).Assembly.GetCustomAttribute<AssemblyInformationalVersionAttribute>()?.InformationalVersion ?? "unknown";

    public async Task<SiloDiagnosis> ExamineAsync(IPEndPoint[] peers, CancellationToken cancellationToken)
    {
        DateTimeOffset received = time.GetUtcNow();
        PeerAnswer[] answers = await Task.WhenAll(peers.Select(async peer =>
            new PeerAnswer(peer, await TcpProbe.ConnectAsync(peer.Address.ToString(), peer.Port, Timeout, time, cancellationToken))));
        return new SiloDiagnosis
        {
            Roles = metadata.GetSiloMetadata(_silo).Metadata.GetValueOrDefault(SiloRolesMetadata.Key) ?? nameof(SiloRoles.None),
            Version = BuildVersion,
            Received = received,
            Answered = time.GetUtcNow(),
            Peers = answers,
        };
    }
}

/// <summary>Calls the service of any silo.</summary>
internal sealed class DiagnosticsServiceClient(IServiceProvider services) : GrainServiceClient<IDiagnosticsService>(services)
{
    public IDiagnosticsService On(SiloAddress silo) => GetGrainService(silo);
}
