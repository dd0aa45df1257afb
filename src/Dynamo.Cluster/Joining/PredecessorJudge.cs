using System.Net;

namespace Dynamo.Cluster.Joining;

/// <summary>
/// Tells members that live from rows that their processes left behind. Facts decide at once: nobody listens at the address, or a later process
/// has it. Silence is an opinion, and needs a second one: Redis has not heard from the silo for seconds either, and no member that could know
/// better contradicts. So a silo that is merely cut off from here, or from Redis, is waited for.
/// </summary>
/// <param name="hostName">Host of the silo that wants to join.</param>
internal sealed class PredecessorJudge(string hostName)
{
    /// <summary>A process that takes connections and says nothing is waited for this long, which is what members give each other.</summary>
    public static readonly TimeSpan LongestMute = TimeSpan.FromSeconds(8);

    // Orleans' own lifetime of a vote.
    private static readonly TimeSpan VoteLifetime = TimeSpan.FromMinutes(2);

    /// <summary>Judges all rows together.</summary>
    /// <param name="sightings">Rows that are not dead, without that of the silo that wants to join.</param>
    /// <param name="now">This host's clock, UTC.</param>
    public IReadOnlyList<PredecessorVerdict> Judge(IReadOnlyList<PredecessorSighting> sightings, DateTime now)
    {
        HashSet<SiloAddress> witnesses = [.. sightings
            .Where(static seen => seen.Row.Status == SiloStatus.Active && seen.Sign == SiloSign.Lives && !seen.HasSuccessor)
            .Select(static seen => seen.Silo)];
        PredecessorVerdict[] verdicts = new PredecessorVerdict[sightings.Count];
        for (int i = 0; i < verdicts.Length; i++)
        {
            PredecessorSighting seen = sightings[i];
            verdicts[i] = seen.HasSuccessor
                ? Gone(seen, "is gone: a later process has its address")
                : Judge(seen, witnesses, now);
        }

        return verdicts;
    }

    private PredecessorVerdict Judge(PredecessorSighting seen, HashSet<SiloAddress> witnesses, DateTime now)
    {
        SiloSign sign = seen.Sign;
        if (sign == SiloSign.Refused && IPAddress.IsLoopback(seen.Silo.Endpoint.Address) && seen.Row.HostName != hostName)
        {
            // Another host's loopback address, where this host cannot look.
            sign = SiloSign.Unreachable;
        }

        if (sign == SiloSign.Lives)
        {
            return new PredecessorVerdict(seen.Silo, PredecessorState.Lives, "");
        }

        if (sign == SiloSign.Refused)
        {
            return Gone(seen, "is gone: nobody listens at its address");
        }

        if (seen.IsShown)
        {
            return Awaited(seen, sign == SiloSign.Unreachable ? "cannot be reached from here, but tells Redis that it lives" : "does not answer, but tells Redis that it lives");
        }

        if (sign == SiloSign.Stranger)
        {
            return Gone(seen, "is gone: another program listens at its address");
        }

        if (witnesses.Count > 0)
        {
            return seen.Row.SuspectTimes?.Any(vote => witnesses.Contains(vote.Item1) && now - vote.Item2 < VoteLifetime) == true
                ? Gone(seen, "is gone: neither this process nor a member of the cluster gets an answer from it, nor has Redis heard from it")
                : Awaited(seen, "does not answer here; members of the cluster will say whether it does there");
        }

        return sign == SiloSign.Unreachable ? Gone(seen, "is gone: it does not answer, and Redis has not heard from it")
            : seen.MuteFor >= LongestMute ? Gone(seen, $"hangs: it takes connections and has said nothing for {LongestMute.TotalSeconds:0} s, to Redis either")
            : Awaited(seen, "takes connections and says nothing");
    }

    private static PredecessorVerdict Gone(PredecessorSighting seen, string reason) => new(seen.Silo, PredecessorState.Gone, reason);

    // Only active members are asked by Orleans before one may join.
    private static PredecessorVerdict Awaited(PredecessorSighting seen, string reason) =>
        new(seen.Silo, seen.Row.Status == SiloStatus.Active ? PredecessorState.Awaited : PredecessorState.Lives, seen.Row.Status == SiloStatus.Active ? reason : "");
}
