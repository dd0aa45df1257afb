using Dynamo.Engine.Configuration;

namespace Dynamo.Engine.Sharing;

/// <summary>An engine of this host and user as its claim of cores tells of it, for people.</summary>
/// <param name="ProcessId">Its process.</param>
/// <param name="NumThreads">Threads that its steps have now, or would have if it began one.</param>
/// <param name="IsFixed">Whether it was told how many (<c>--num-threads</c>).</param>
/// <param name="IsBusy">Whether it has computed a moment ago.</param>
public sealed record HostWorker(int ProcessId, int NumThreads, bool IsFixed, bool IsBusy)
{
    /// <summary>All that are alive and share cores with each other here.</summary>
    /// <exception cref="EngineStartException">The host's claims cannot be read; the message says what to do.</exception>
    public static IReadOnlyList<HostWorker> All()
    {
        if (HostFolder.Find(Environment.GetEnvironmentVariable) is not { } folder)
        {
            return [];
        }

        using ClaimTable<CoreClaim>? table = ClaimTable<CoreClaim>.TryTake(folder, CoreSharing.TableName);
        return table is null ? [] : All(table, TimeProvider.System.GetTimestamp());
    }

    private static HostWorker[] All(ClaimTable<CoreClaim> table, long now)
    {
        CoreClaim[] claims = new CoreClaim[ClaimTable<CoreClaim>.MaxClaims];
        int count = table.Read(claims);
        claims = [.. claims.Take(count).Where((claim, slot) => claim.NumThreads > 0 && table.IsAnothers(slot))];
        return [.. claims.Select((claim, own) =>
        {
            CoreClaim[] rivals = [claim, .. claims.Where((other, index) => index != own && other.BusyUntil > now)];
            return new HostWorker(claim.ProcessId, CoreShare.Of(rivals, 0), claim.IsFixed != 0, claim.BusyUntil > now);
        })];
    }
}
