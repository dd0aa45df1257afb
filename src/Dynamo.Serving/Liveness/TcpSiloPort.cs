using Dynamo.Cluster.Net;

namespace Dynamo.Serving.Liveness;

/// <summary>Connects to the silo's address and hangs up.</summary>
internal sealed class TcpSiloPort(TimeProvider time) : ISiloPort
{
    private static readonly TimeSpan Timeout = TimeSpan.FromMilliseconds(250);

    public async Task<bool> IsRefusedAsync(SiloAddress silo) =>
        await TcpProbe.ConnectAsync(silo.Endpoint.Address.ToString(), silo.Endpoint.Port, Timeout, time, CancellationToken.None) == TcpAnswer.Refused;
}
