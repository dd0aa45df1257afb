using System.Net;

namespace Dynamo.Diagnostics;

/// <summary>Whether the rows of the membership table make sense.</summary>
public static class MembershipCheck
{
    private const string Name = "member";

    // Rows are renewed each 30 s; Orleans itself takes three misses for a silo that is gone.
    private static readonly TimeSpan Stale = TimeSpan.FromSeconds(90);

    // Orleans' own limit for joining.
    private static readonly TimeSpan LongestJoin = TimeSpan.FromMinutes(5);

    /// <summary>Looks at a table.</summary>
    /// <param name="rows">Its rows.</param>
    /// <param name="now">Redis' clock.</param>
    /// <param name="removal">Command that removes a row, up to the row's name.</param>
    public static IEnumerable<Finding> Findings(IReadOnlyList<MembershipRow> rows, DateTimeOffset now, string removal)
    {
        MembershipRow[] active = [.. rows.Where(static row => row.Status == SiloStatus.Active).OrderBy(static row => row.Silo)];
        if (active.Length == 0)
        {
            yield return Finding.Warn(Name, "none", "no silo is active in this cluster", "start 'dynamo frontend' and 'dynamo worker', and check DYN_NAMESPACE if they run already");
        }

        bool anyRemote = active.Any(static row => !IPAddress.IsLoopback(row.Silo.Endpoint.Address));
        foreach (MembershipRow row in active)
        {
            string subject = row.Silo.Endpoint.ToString();
            string seen = ClockText.Seconds(now - row.LastSeen);
            if (now - row.LastSeen > Stale)
            {
                yield return Finding.Fail(
                    Name,
                    subject,
                    $"is listed as active but has not renewed its row for {seen} (host {row.HostName}): it was killed, hangs, or cannot write to Redis",
                    $"if its process is gone and no member votes it out within a minute: {removal} {row.Silo}");
            }
            else if (anyRemote && IPAddress.IsLoopback(row.Silo.Endpoint.Address))
            {
                yield return Finding.Fail(
                    Name,
                    subject,
                    $"advertises its loopback address, which other hosts cannot reach (host {row.HostName})",
                    "restart it with --advertise-host and its address");
            }
            else
            {
                string gateway = row.GatewayPort == 0 ? "no gateway" : $"gateway {row.GatewayPort}";
                yield return Finding.Ok(Name, subject, $"active, {gateway}, host {row.HostName}, up {ClockText.Seconds(now - row.Started)}, seen {seen} ago");
            }
        }

        foreach (IGrouping<IPEndPoint, MembershipRow> twice in active.GroupBy(static row => row.Silo.Endpoint).Where(static group => group.Count() > 1))
        {
            yield return Finding.Warn(
                Name,
                twice.Key.ToString(),
                $"is listed as active {twice.Count()} times: an older process at the same port was not voted out yet",
                "wait a few seconds and look again");
        }

        foreach (MembershipRow row in rows.Where(row => row.Status is SiloStatus.Created or SiloStatus.Joining && now - row.Started > LongestJoin))
        {
            yield return Finding.Warn(
                Name,
                row.Silo.Endpoint.ToString(),
                $"has been joining for {ClockText.Seconds(now - row.Started)} (host {row.HostName})",
                "it cannot reach an active member, or its process is gone; see the mesh lines and its log");
        }
    }
}
