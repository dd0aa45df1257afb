using Dynamo.Cluster.Membership;
using StackExchange.Redis;

namespace Dynamo.Cluster.Joining;

/// <summary>
/// Clears the membership table of rows whose processes are gone, before this silo reads it: Orleans would ask each of them for an answer, give
/// them half a minute and more to be silent, and place grains on them meanwhile. Goes on until the silo is a member, because others die and
/// start at the same time.
/// </summary>
internal sealed partial class PredecessorSweep(
    IMembershipTable table, IPresence presence, ISiloProbe probe, ILocalSiloDetails self, TimeProvider time, ILogger<PredecessorSweep> logger)
    : ILifecycleParticipant<ISiloLifecycle>, IClusterHealth
{
    /// <summary>Between two sweeps.</summary>
    public static readonly TimeSpan Interval = TimeSpan.FromMilliseconds(500);

    /// <summary>How long members that may live are waited for; Orleans' own limit for joining.</summary>
    public static readonly TimeSpan Timeout = TimeSpan.FromMinutes(5);

    /// <summary>Before the first line about waiting, and between two.</summary>
    public static readonly TimeSpan LogInterval = TimeSpan.FromSeconds(10);

    // As long as joining may take before somebody else shows it.
    private static readonly TimeSpan FirstShow = TimeSpan.FromSeconds(30);

    private const int MaxNamed = 4;

    private readonly PredecessorJudge _judge = new(self.DnsHostName);
    private readonly Dictionary<SiloAddress, long> _muteSince = [];
    private readonly CancellationTokenSource _joined = new();
    private Task _watching = Task.CompletedTask;
    private volatile IReadOnlyList<string> _faults = [];

    /// <inheritdoc/>
    public IReadOnlyList<string> Faults => _faults;

    /// <inheritdoc/>
    public void Participate(ISiloLifecycle lifecycle)
    {
        // The first reading of the table is Orleans' at RuntimeGrainServices.
        lifecycle.Subscribe(nameof(PredecessorSweep), ServiceLifecycleStage.RuntimeGrainServices - 1, BeginAsync, _ => EndAsync());
        lifecycle.Subscribe(nameof(PredecessorSweep), ServiceLifecycleStage.Active, _ => EndAsync());
    }

    /// <summary>Clears the table and returns once no process has to be waited for.</summary>
    /// <exception cref="ClusterAdmissionException">Members cannot be reached and may live; or Redis is away.</exception>
    internal async Task ClearAsync(CancellationToken cancellationToken)
    {
        long start = time.GetTimestamp();
        long? loggedAt = null;
        while (true)
        {
            PredecessorVerdict[] awaited = await SweepAsync(cancellationToken);
            if (awaited.Length == 0)
            {
                _faults = [];
                return;
            }

            string reason = Text(awaited);
            _faults = [$"Waiting to join the cluster: {reason}."];
            if (time.GetElapsedTime(start) >= Timeout)
            {
                throw new ClusterAdmissionException(
                    $"the cluster could not be joined within {Timeout.TotalMinutes:0} min: {reason}. All processes of a cluster must reach one another; 'dynamo doctor' says which link is broken.");
            }

            if (time.GetElapsedTime(loggedAt ?? start) >= (loggedAt is null ? 2 * Interval : LogInterval))
            {
                loggedAt = time.GetTimestamp();
                LogWaiting(reason);
            }

            await Task.Delay(Interval, time, cancellationToken);
        }
    }

    private async Task BeginAsync(CancellationToken cancellationToken)
    {
        try
        {
            await table.InitializeMembershipTableAsync(true, cancellationToken);
            await presence.ShowAsync(FirstShow);
            await ClearAsync(cancellationToken);
        }
        catch (Exception e) when (e is RedisException or TimeoutException)
        {
            throw new ClusterAdmissionException($"Redis went away while the cluster was joined ({e.GetType().Name}); start it and then this process again.", e);
        }

        _watching = WatchAsync(_joined.Token);
    }

    private async Task EndAsync()
    {
        await _joined.CancelAsync();
        await _watching.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        _faults = [];
    }

    // Orleans asks every member for an answer now, over and over; a member that dies meanwhile would be asked until its row is old.
    private async Task WatchAsync(CancellationToken joined)
    {
        long start = time.GetTimestamp();
        long loggedAt = start;
        while (!joined.IsCancellationRequested)
        {
            await Task.Delay(2 * Interval, time, joined);
            try
            {
                PredecessorVerdict[] awaited = await SweepAsync(joined);
                if (time.GetElapsedTime(loggedAt) >= LogInterval)
                {
                    loggedAt = time.GetTimestamp();
                    string reason = awaited.Length > 0 ? Text(awaited) : $"members do not answer, or do not reach this process at {self.SiloAddress.Endpoint}";
                    _faults = [$"Waiting to join the cluster: {reason}."];
                    LogNotYet((int)time.GetElapsedTime(start).TotalSeconds, reason);
                }
            }
            catch (Exception e) when (e is RedisException or TimeoutException)
            {
                LogNoLook(e);
            }
        }
    }

    private async Task<PredecessorVerdict[]> SweepAsync(CancellationToken cancellationToken)
    {
        MembershipTableData data = await table.ReadAllAsync(cancellationToken);
        MembershipEntry[] rows = [.. data.Members.Select(static member => member.Item1).Where(row => row.Status != SiloStatus.Dead && !row.SiloAddress.Equals(self.SiloAddress))];
        if (rows.Length == 0)
        {
            return [];
        }

        bool[] shown = await presence.AreShownAsync([.. rows.Select(static row => row.SiloAddress)]);
        SiloSign[] signs = await Task.WhenAll(rows.Select((row, i) => probe.ProbeAsync(row.SiloAddress, shown[i], cancellationToken)));
        SiloAddress[] all = [.. data.Members.Select(static member => member.Item1.SiloAddress), self.SiloAddress];
        PredecessorSighting[] sightings =
            [.. rows.Select((row, i) => new PredecessorSighting(row, signs[i], shown[i], HasSuccessor(row.SiloAddress, all), MuteFor(row.SiloAddress, signs[i])))];
        IReadOnlyList<PredecessorVerdict> verdicts = _judge.Judge(sightings, time.GetUtcNow().UtcDateTime);
        await BuryAsync([.. verdicts.Where(static verdict => verdict.State == PredecessorState.Gone)], cancellationToken);
        return [.. verdicts.Where(static verdict => verdict.State == PredecessorState.Awaited)];
    }

    // An address belongs to the latest generation that has had it.
    private static bool HasSuccessor(SiloAddress silo, SiloAddress[] all) =>
        Array.Exists(all, other => other.Generation > silo.Generation && other.Endpoint.Equals(silo.Endpoint));

    private TimeSpan MuteFor(SiloAddress silo, SiloSign sign)
    {
        if (sign != SiloSign.Mute)
        {
            _muteSince.Remove(silo);
            return default;
        }

        _muteSince.TryAdd(silo, time.GetTimestamp());
        return time.GetElapsedTime(_muteSince[silo]);
    }

    private async Task BuryAsync(PredecessorVerdict[] gone, CancellationToken cancellationToken)
    {
        List<PredecessorVerdict> buried = [];
        foreach (PredecessorVerdict verdict in gone)
        {
            if (await BuryAsync(verdict.Silo, cancellationToken))
            {
                buried.Add(verdict);
            }
        }

        if (buried.Count > 0)
        {
            LogBuried(buried.Count, Text([.. buried]));
        }
    }

    // One of several silos that start at once writes the row; the others find it written. Every write changes the version of the whole table.
    private async Task<bool> BuryAsync(SiloAddress silo, CancellationToken cancellationToken)
    {
        while (true)
        {
            MembershipTableData data = await table.ReadAllAsync(cancellationToken);
            if (data.TryGet(silo) is not var (row, etag) || row.Status == SiloStatus.Dead)
            {
                return false;
            }

            row.AddSuspector(self.SiloAddress, time.GetUtcNow().UtcDateTime);
            row.Status = SiloStatus.Dead;
            if (await table.UpdateRowAsync(row, etag, data.Version.Next(), cancellationToken))
            {
                return true;
            }
        }
    }

    private static string Text(PredecessorVerdict[] verdicts)
    {
        string named = string.Join("; ", verdicts.Take(MaxNamed).Select(static verdict => $"{verdict.Silo} {verdict.Reason}"));
        return verdicts.Length <= MaxNamed ? named : $"{named}; and {verdicts.Length - MaxNamed} more";
    }

    [LoggerMessage(LogLevel.Information, "{NumRows} rows that processes left in the cluster's table are marked dead: {Silos}.")]
    private partial void LogBuried(int numRows, string silos);

    [LoggerMessage(LogLevel.Warning, "Waiting to join the cluster: {Reason}.")]
    private partial void LogWaiting(string reason);

    [LoggerMessage(LogLevel.Warning, "Not yet a member of the cluster after {Seconds} s: {Reason}. All processes of a cluster must reach one another; 'dynamo doctor' says which link is broken.")]
    private partial void LogNotYet(int seconds, string reason);

    [LoggerMessage(LogLevel.Debug, "The membership table could not be looked at.")]
    private partial void LogNoLook(Exception exception);
}
