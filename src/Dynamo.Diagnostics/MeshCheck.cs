using System.Net;
using Dynamo.Cluster.Net;

namespace Dynamo.Diagnostics;

/// <summary>One attempt to connect.</summary>
/// <param name="From">Who tried: a member's address, or "this host".</param>
/// <param name="To">Address that was tried.</param>
/// <param name="Answer">What came of it.</param>
public readonly record struct MeshLink(string From, IPEndPoint To, TcpAnswer Answer);

/// <summary>Whether every member reaches every other one, in both directions.</summary>
public static class MeshCheck
{
    /// <summary>Name of this check.</summary>
    public const string Name = "mesh";

    /// <summary>Who tries from the host where the check runs.</summary>
    public const string ThisHost = "this host";

    /// <summary>The attempts of all members that answered.</summary>
    public static IEnumerable<MeshLink> Links(ClusterDiagnosis diagnosis) =>
        from member in diagnosis.Members
        where member.Answer is not null
        from peer in member.Answer!.Peers
        select new MeshLink(member.Silo.Endpoint.ToString(), peer.Peer, peer.Answer);

    /// <summary>Looks at all attempts.</summary>
    public static IEnumerable<Finding> Findings(IReadOnlyList<MeshLink> links)
    {
        int numReached = links.Count(static link => link.Answer == TcpAnswer.Connected);
        if (numReached == links.Count)
        {
            yield return Finding.Ok(Name, "all", $"{numReached} of {links.Count} connections between members and from this host can be made");
            yield break;
        }

        foreach (MeshLink link in links)
        {
            if (link.Answer != TcpAnswer.Connected)
            {
                bool isOneWay = links.Any(back => back.From == link.To.ToString() && back.To.ToString() == link.From && back.Answer == TcpAnswer.Connected);
                yield return Finding.Fail(
                    Name,
                    $"{link.From} cannot reach {link.To}",
                    link.Answer.Describe() + (isOneWay ? "; the other way works, so a firewall lets only one direction through" : ""),
                    link.Answer == TcpAnswer.Refused
                        ? $"is the process of {link.To} running, and was it started with this address as --advertise-host?"
                        : $"open TCP port {link.To.Port} on {link.To.Address} for every node, or restart that process with --advertise-host and --silo-port that are open");
            }
        }
    }
}
