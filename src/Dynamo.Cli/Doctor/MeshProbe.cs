using System.Net;
using System.Net.Sockets;
using System.Runtime.CompilerServices;
using Dynamo.Cluster.Membership;
using Dynamo.Cluster.Net;
using Dynamo.Cluster.Settings;
using Dynamo.Diagnostics;

namespace Dynamo.Cli.Doctor;

/// <summary>
/// Tries every member from here, lets every member try every other one and this host, and asks them how they are. The members are asked through
/// a frontend's gateway: the doctor is a client, never a member, so a sick cluster is not changed by looking at it.
/// </summary>
internal sealed class MeshProbe(TimeSpan timeout, TimeProvider time)
{
    /// <summary>Looks.</summary>
    /// <param name="settings">Address of this host.</param>
    /// <param name="rows">The membership table.</param>
    /// <param name="cancellationToken">Gives up.</param>
    public async IAsyncEnumerable<Finding> FindingsAsync(ClusterSettings settings, IReadOnlyList<MembershipRow> rows, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        MembershipRow[] active = [.. rows.Where(static row => row.Status == SiloStatus.Active)];
        if (active.Length == 0)
        {
            yield break;
        }

        IPEndPoint[] gateways = [.. active.Where(static row => row.GatewayPort > 0).Select(static row => new IPEndPoint(row.Silo.Endpoint.Address, row.GatewayPort))];
        MeshLink[] own = await Task.WhenAll(active.Select(static row => row.Silo.Endpoint).Concat(gateways).Select(TryAsync));
        IPEndPoint[] reachable = [.. own.Where(link => link.Answer == TcpAnswer.Connected && gateways.Contains(link.To)).Select(static link => link.To)];
        (ClusterDiagnosis? diagnosis, string? reason) = await AskAsync(settings, reachable, cancellationToken);
        foreach (Finding finding in MeshCheck.Findings([.. own, .. diagnosis is null ? [] : MeshCheck.Links(diagnosis)]))
        {
            yield return finding;
        }

        if (diagnosis is null)
        {
            yield return Finding.Warn(
                MeshCheck.Name,
                "members",
                $"were tried from this host only, and were not asked how they are: {reason}",
                "start a frontend, or run 'dynamo doctor' on every node");
            yield break;
        }

        foreach (Finding finding in MembersCheck.Findings(diagnosis).Concat(NumericsCheck.Findings(diagnosis.Instances)))
        {
            yield return finding;
        }

        if (diagnosis.InstancesError is { } error)
        {
            yield return Finding.Fail("model", "all", $"the grains of the models do not answer: {error}", "look into the frontends' logs");
        }

        async Task<MeshLink> TryAsync(IPEndPoint to) =>
            new(MeshCheck.ThisHost, to, await TcpProbe.ConnectAsync(to.Address.ToString(), to.Port, timeout, time, cancellationToken));
    }

    private async Task<(ClusterDiagnosis? Diagnosis, string? Reason)> AskAsync(ClusterSettings settings, IPEndPoint[] gateways, CancellationToken cancellationToken)
    {
        if (gateways.Length == 0)
        {
            return (null, "no frontend's gateway can be reached");
        }

        // The silos agreed on the key before they started, so it is there to be read.
        ClusterSettings known;
        try
        {
            known = await Task.Run(() => ClusterAdmission.Enter(settings), cancellationToken).WaitAsync(3 * timeout, time, cancellationToken);
        }
        catch (Exception e) when (e is ClusterAdmissionException or TimeoutException)
        {
            return (null, e.Message);
        }

        using Socket? listener = Listen(settings.Address);
        try
        {
            return (await DiagnosisClient.AskAsync(gateways, known, (IPEndPoint?)listener?.LocalEndPoint, timeout, time, cancellationToken), null);
        }
        catch (Exception e) when (!cancellationToken.IsCancellationRequested
            && e is OrleansException or TimeoutException or OperationCanceledException or UnauthorizedAccessException or SocketException)
        {
            return (null, $"the gateways {string.Join(", ", gateways.Select(static gateway => gateway.ToString()))} do not let it ask ({e.Message.ReplaceLineEndings(" ")})");
        }
    }

    // Stands in for a silo of this host, so that members can try the way back; the kernel accepts, nobody needs to.
    private static Socket? Listen(IPAddress address)
    {
        Socket socket = new(address.AddressFamily, SocketType.Stream, ProtocolType.Tcp);
        try
        {
            socket.Bind(new IPEndPoint(address, 0));
            socket.Listen();
            return socket;
        }
        catch (SocketException)
        {
            // No address of this host: the check of the address says so.
            socket.Dispose();
            return null;
        }
    }
}
