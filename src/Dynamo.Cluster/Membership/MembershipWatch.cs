using StackExchange.Redis;

namespace Dynamo.Cluster.Membership;

/// <summary>
/// Checks each second whether Redis still holds this silo's row. A Redis that comes back empty would let new silos form a second cluster beside
/// this one, and the two would never meet: so new silos are kept out by a mark in Redis, serving goes on, and the fault is logged until it ends.
/// Also shows in Redis that this silo lives.
/// </summary>
internal sealed partial class MembershipWatch(IMembershipStore store, IPresence presence, ClusterRecords records, TimeProvider time, ILogger<MembershipWatch> logger)
    : BackgroundService, IClusterHealth
{
    /// <summary>Between two checks.</summary>
    public static readonly TimeSpan Interval = TimeSpan.FromSeconds(1);

    /// <summary>Between two signs of life.</summary>
    public static readonly TimeSpan ShowInterval = TimeSpan.FromSeconds(2);

    /// <summary>How long one lasts: one may be late, and a process that is gone is known to be within this.</summary>
    public static readonly TimeSpan ShowDuration = TimeSpan.FromSeconds(5);

    /// <summary>Between two log lines about the same fault.</summary>
    public static readonly TimeSpan LogInterval = TimeSpan.FromSeconds(30);

    private volatile IReadOnlyList<string> _faults = [];
    private bool _isRowLost;
    private int _numMarked;
    private string? _loggedFault;
    private long _loggedAt;
    private long? _shownAt;

    public IReadOnlyList<string> Faults => _faults;

    /// <summary>Checks once.</summary>
    internal async Task CheckAsync()
    {
        try
        {
            await ShowAsync();
            await EvaluateAsync(await store.ReadAsync());
        }
        catch (Exception e) when (e is RedisException or TimeoutException)
        {
            // Nothing is known of the table; the last fault of it holds until the table is seen again.
            string away = $"Redis at {records.Address} is out of reach: serving goes on, but no process can join and none that dies is taken off the list until it is back.";
            _faults = _isRowLost ? [away, .. _faults.Where(fault => fault == _loggedFault)] : [away];
            LogAway(e, records.Address);
        }
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using PeriodicTimer timer = new(Interval, time);
        do
        {
            await CheckAsync().WaitAsync(stoppingToken);
        }
        while (await timer.WaitForNextTickAsync(stoppingToken));
    }

    private async Task ShowAsync()
    {
        if (_shownAt is not { } last || time.GetElapsedTime(last) >= ShowInterval)
        {
            long now = time.GetTimestamp();
            await presence.ShowAsync(ShowDuration);
            _shownAt = now;
        }
    }

    private async Task EvaluateAsync(MembershipSnapshot seen)
    {
        if (!seen.HasRow)
        {
            _isRowLost = true;
            Report(seen.HasTable
                ? $"Redis at {records.Address} lost this process's row in cluster '{records.ClusterId}', and another cluster has formed under the same name. {WayOut}"
                : $"Redis at {records.Address} came back empty: the members of cluster '{records.ClusterId}' are lost. {WayOut}");
            if (!seen.IsMarked)
            {
                await store.MarkAsync();
            }

            return;
        }

        if (_isRowLost)
        {
            await store.UnmarkAsync();
            _isRowLost = false;
            _numMarked = 0;
            LogHealed(records.Address, records.ClusterId);
        }
        else if (seen.IsMarked && ++_numMarked > 1)
        {
            // Once may be the moment between another silo's healing and its taking the mark away.
            Report($"Redis at {records.Address} lost rows of other processes of cluster '{records.ClusterId}', which still run. {WayOut}");
            return;
        }
        else if (!seen.IsMarked)
        {
            _numMarked = 0;
        }

        _faults = [];
        _loggedFault = null;
    }

    private string WayOut =>
        "Serving goes on, but no process can join and deaths go unseen. Restore Redis from its append-only file; "
        + $"or stop all processes of the cluster, run '{records.DeleteCommand(records.Lost)}' and start them again.";

    private void Report(string fault)
    {
        _faults = [fault];
        if (fault != _loggedFault || time.GetElapsedTime(_loggedAt) >= LogInterval)
        {
            (_loggedFault, _loggedAt) = (fault, time.GetTimestamp());
            LogLost(fault);
        }
    }

    [LoggerMessage(LogLevel.Error, "{Fault}")]
    private partial void LogLost(string fault);

    [LoggerMessage(LogLevel.Information, "Redis at {Address} holds the members of cluster '{ClusterId}' again; processes can join.")]
    private partial void LogHealed(string address, string clusterId);

    [LoggerMessage(LogLevel.Debug, "Redis at {Address} is out of reach.")]
    private partial void LogAway(Exception exception, string address);
}
