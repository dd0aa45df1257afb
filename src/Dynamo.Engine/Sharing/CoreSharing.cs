using Dynamo.Engine.Configuration;

namespace Dynamo.Engine.Sharing;

/// <summary>
/// One engine's part in sharing the cores of its host with the other engines there. The engine asks before each step how many threads the step
/// may have, so nothing runs while it waits for work, and its cores are the others' meanwhile.
/// </summary>
/// <remarks>
/// Steps are the engine thread's. Asking costs one write and one read of some hundred bytes of shared memory; nothing is allocated.
/// </remarks>
public sealed class CoreSharing : IDisposable
{
    /// <summary>Name of the table of all claims.</summary>
    internal const string TableName = "cores";

    // An engine that has had no work for so long leaves its cores to others: longer than most gaps between one client's requests, so that
    // teams of threads are not made anew all the time.
    private static readonly TimeSpan IdleTime = TimeSpan.FromMilliseconds(250);

    // Whether an engine that is in a step lives costs a system call each; in between it is believed.
    private static readonly TimeSpan LookInterval = TimeSpan.FromMilliseconds(100);

    private readonly ClaimTable<CoreClaim>? _table;
    private readonly TimeProvider _time;
    private readonly long _idleTicks;
    private readonly long _lookTicks;
    private readonly CoreClaim[] _claims = new CoreClaim[ClaimTable<CoreClaim>.MaxClaims];
    private readonly bool[] _wasBusy = new bool[ClaimTable<CoreClaim>.MaxClaims];
    private CoreClaim _own;
    private long _lookAgain = long.MinValue;
    private int _share;

    /// <summary>Takes part.</summary>
    /// <param name="table">The own slot among all claims, owned from here on; <see langword="null"/> to share with nobody.</param>
    /// <param name="own">What this engine could use.</param>
    /// <param name="time">Clock that all processes of the host share.</param>
    internal CoreSharing(ClaimTable<CoreClaim>? table, in CoreClaim own, TimeProvider time)
    {
        (_table, _own, _time, _share) = (table, own, time, own.NumThreads);
        _idleTicks = (long)(IdleTime.TotalSeconds * time.TimestampFrequency);
        _lookTicks = (long)(LookInterval.TotalSeconds * time.TimestampFrequency);
        _table?.Write(_own);
    }

    /// <summary>Most threads that a step will ever have.</summary>
    public int MaxThreads => _own.NumThreads;

    /// <summary>Takes part with the cores that this process may use.</summary>
    /// <param name="numThreads">Threads for every step, whatever others do; <see langword="null"/> to share.</param>
    /// <exception cref="EngineStartException">The host's claims cannot be read; the message says what to set.</exception>
    public static CoreSharing Join(int? numThreads)
    {
        CoreClaim own = OwnCores.Read(numThreads);
        if (HostFolder.Find(Environment.GetEnvironmentVariable) is not { } folder)
        {
            return new CoreSharing(null, own, TimeProvider.System);
        }

        ClaimTable<CoreClaim>? table = ClaimTable<CoreClaim>.TryTake(folder, TableName);
        if (table is null && numThreads is null)
        {
            // So many engines are here that another team of threads helps nobody.
            own.NumThreads = 1;
        }

        return new CoreSharing(table, own, TimeProvider.System);
    }

    /// <summary>Begins a step.</summary>
    /// <returns>Threads for it, 1 to <see cref="MaxThreads"/>.</returns>
    public int Begin()
    {
        if (_table is null)
        {
            return _share;
        }

        _own.BusyUntil = long.MaxValue;
        _table.Write(_own);
        if (_own.IsFixed == 0)
        {
            Look(_table, _time.GetTimestamp());
        }

        return _share;
    }

    /// <summary>Ends a step.</summary>
    public void End()
    {
        _own.BusyUntil = _time.GetTimestamp() + _idleTicks;
        _table?.Write(_own);
    }

    /// <summary>Leaves.</summary>
    public void Dispose()
    {
        _table?.Write(default);
        _table?.Dispose();
    }

    private void Look(ClaimTable<CoreClaim> table, long now)
    {
        int count = table.Read(_claims);
        bool isSame = now < _lookAgain;
        for (int i = 0; i < count; i++)
        {
            bool isBusy = i == table.Slot || _claims[i].BusyUntil > now;
            isSame &= isBusy == _wasBusy[i];
            _wasBusy[i] = isBusy;
        }

        if (isSame)
        {
            return;
        }

        _lookAgain = now + _lookTicks;
        int own = 0;
        int numBusy = 0;
        for (int i = 0; i < count; i++)
        {
            if (i == table.Slot)
            {
                own = numBusy;
            }
            else if (!_wasBusy[i] || !table.IsAnothers(i))
            {
                // A process that is killed in a step leaves the mark of one that is in it.
                continue;
            }

            _claims[numBusy++] = _claims[i];
        }

        _share = CoreShare.Of(_claims.AsSpan(0, numBusy), own);
    }
}
