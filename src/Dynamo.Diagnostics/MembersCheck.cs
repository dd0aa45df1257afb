namespace Dynamo.Diagnostics;

/// <summary>Whether members answer, run the same build, and agree on the time.</summary>
public static class MembersCheck
{
    private static readonly TimeSpan BrokenClock = TimeSpan.FromSeconds(30);

    /// <summary>Looks at what members said of themselves.</summary>
    /// <param name="diagnosis">What they said.</param>
    public static IEnumerable<Finding> Findings(ClusterDiagnosis diagnosis)
    {
        foreach (MemberDiagnosis member in diagnosis.Members)
        {
            string subject = member.Silo.Endpoint.ToString();
            yield return member.Answer is { } answer
                ? Finding.Ok("silo", subject, $"{answer.Roles}, version {answer.Version}")
                : Finding.Fail("silo", subject, $"does not answer: {member.Error}", "it hangs, is cut off, or is of a version without this check; look into its log");
            TimeSpan apart = member.ClockOffset.Duration() - (member.RoundTrip / 2);
            if (member.Answer is not null && apart > RedisCheck.ClockTolerance)
            {
                yield return new Finding(
                    apart > BrokenClock ? FindingStatus.Failure : FindingStatus.Warning,
                    "clock",
                    subject,
                    $"is {ClockText.Offset(member.ClockOffset)} the frontend that asked",
                    "synchronise the hosts' clocks (chrony or systemd-timesyncd); members that look late by their clock are taken for dead");
            }
        }

        string[] versions = [.. diagnosis.Members.Select(static member => member.Answer?.Version).OfType<string>().Distinct().Order(StringComparer.Ordinal)];
        if (versions.Length > 1)
        {
            string who = string.Join("; ", versions.Select(version =>
                $"{version} on {string.Join(", ", diagnosis.Members.Where(member => member.Answer?.Version == version).Select(static member => member.Silo.Endpoint))}"));
            yield return Finding.Warn("version", "cluster", $"members run different builds: {who}", "fine during a rolling upgrade; else deploy one build everywhere");
        }
    }
}
