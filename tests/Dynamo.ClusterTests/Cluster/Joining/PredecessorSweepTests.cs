using Dynamo.Cluster.Joining;
using Dynamo.Cluster.Membership;
using Dynamo.ClusterTests.Security;
using Dynamo.ClusterTests.Support;
using Xunit;

namespace Dynamo.ClusterTests.Cluster.Joining;

public sealed class PredecessorSweepTests
{
    private static readonly SiloAddress Self = Rows.Silo(1, generation: 9);

    private readonly TimerWatchingTime _time = new();
    private readonly World _world = new();
    private readonly LineLogger<PredecessorSweep> _log = new();
    private readonly PredecessorSweep _sweep;

    public PredecessorSweepTests() => _sweep = new PredecessorSweep(_world, _world, _world, new Silo(), _time, _log);

    [Fact]
    public async Task AllKilled_AllRowsAreMarkedDeadBeforeAnythingElse_InOneLine()
    {
        _world.Add(Rows.Silo(2), SiloSign.Refused);
        _world.Add(Rows.Silo(3), SiloSign.Refused);

        await _sweep.ClearAsync(CancellationToken.None);

        Assert.Equal([SiloStatus.Dead, SiloStatus.Dead], _world.Statuses);
        string line = Assert.Single(_log.Lines);
        Assert.Contains("2 rows that processes left", line);
        Assert.Contains("S10.0.0.1:2:1 is gone: nobody listens at its address", line);
    }

    [Fact]
    public async Task OlderGenerationAtOurOwnAddressOrAtALaterRowsAddress_IsMarkedDead()
    {
        _world.Add(Rows.Silo(1, generation: 8), SiloSign.Lives);
        _world.Add(Rows.Silo(2, generation: 3), SiloSign.Lives);
        _world.Add(Rows.Silo(2, generation: 4), SiloSign.Lives);

        await _sweep.ClearAsync(CancellationToken.None);

        Assert.Equal([SiloStatus.Dead, SiloStatus.Dead, SiloStatus.Active], _world.Statuses);
    }

    [Fact]
    public async Task RowThatSomebodyElseChangesMeanwhile_IsReadAgain()
    {
        _world.Add(Rows.Silo(2), SiloSign.Refused);
        _world.NumConflicts = 2;

        await _sweep.ClearAsync(CancellationToken.None);

        Assert.Equal([SiloStatus.Dead], _world.Statuses);
        Assert.Equal(0, _world.NumConflicts);
    }

    [Fact]
    public async Task SilentSiloThatTellsRedisThatItLives_IsWaitedForAndNamed_UntilItStopsTelling()
    {
        _world.Add(Rows.Silo(2), SiloSign.Unreachable, isShown: true);
        Task clearing = _sweep.ClearAsync(CancellationToken.None);
        await AdvanceAsync(PredecessorSweep.Interval);
        await AdvanceAsync(PredecessorSweep.Interval);
        await _time.UntilWaitedOnAsync();

        Assert.False(clearing.IsCompleted);
        Assert.Equal(["Waiting to join the cluster: S10.0.0.1:2:1 cannot be reached from here, but tells Redis that it lives."], _sweep.Faults);
        Assert.Equal([$"Warning {_sweep.Faults[0]}"], _log.Lines);
        Assert.Equal([SiloStatus.Active], _world.Statuses);

        _world.Shown.Clear();
        _time.Advance(PredecessorSweep.Interval);
        await clearing;
        Assert.Empty(_sweep.Faults);
        Assert.Equal([SiloStatus.Dead], _world.Statuses);
    }

    [Fact]
    public async Task SilentSiloThatNeverStopsTelling_IsGivenUpOnWithAReason_AndNotDeclaredDead()
    {
        _world.Add(Rows.Silo(2), SiloSign.Unreachable, isShown: true);
        Task clearing = _sweep.ClearAsync(CancellationToken.None);
        await AdvanceAsync(PredecessorSweep.Timeout);

        ClusterAdmissionException refusal = await Assert.ThrowsAsync<ClusterAdmissionException>(() => clearing);
        Assert.Contains("could not be joined within 5 min: S10.0.0.1:2:1 cannot be reached from here", refusal.Message);
        Assert.Equal([SiloStatus.Active], _world.Statuses);
    }

    private async Task AdvanceAsync(TimeSpan time)
    {
        await _time.UntilWaitedOnAsync();
        _time.Advance(time);
    }

    private sealed class Silo : ILocalSiloDetails
    {
        public string Name => "self";

        public string ClusterId => "test";

        public string DnsHostName => Rows.Host;

        public SiloAddress SiloAddress => Self;

        public SiloAddress GatewayAddress => Self;
    }

    /// <summary>A table, what Redis has heard, and what is at the addresses.</summary>
    private sealed class World : IMembershipTable, IPresence, ISiloProbe
    {
        private readonly List<MembershipEntry> _rows = [];
        private readonly Dictionary<SiloAddress, SiloSign> _signs = [];
        private int _version;

        public HashSet<SiloAddress> Shown { get; } = [];

        public int NumConflicts { get; set; }

        public IEnumerable<SiloStatus> Statuses => _rows.Select(static row => row.Status);

        public void Add(SiloAddress silo, SiloSign sign, bool isShown = false)
        {
            _rows.Add(Rows.Row(silo));
            _signs[silo] = sign;
            if (isShown)
            {
                Shown.Add(silo);
            }
        }

        public Task<SiloSign> ProbeAsync(SiloAddress silo, bool isShown, CancellationToken cancellationToken) => Task.FromResult(_signs[silo]);

        public Task ShowAsync(TimeSpan duration) => Task.CompletedTask;

        public Task<bool[]> AreShownAsync(IReadOnlyList<SiloAddress> silos) => Task.FromResult<bool[]>([.. silos.Select(Shown.Contains)]);

        public Task<MembershipTableData> ReadAll() =>
            Task.FromResult(new MembershipTableData([.. _rows.Select(row => Tuple.Create(Copy(row), $"{_version}"))], new TableVersion(_version, $"{_version}")));

        public Task<bool> UpdateRow(MembershipEntry entry, string etag, TableVersion tableVersion)
        {
            if (NumConflicts > 0)
            {
                NumConflicts--;
                _version++;
                return Task.FromResult(false);
            }

            if (etag != $"{_version}" || tableVersion.Version != _version + 1)
            {
                return Task.FromResult(false);
            }

            _version++;
            _rows[_rows.FindIndex(row => row.SiloAddress.Equals(entry.SiloAddress))] = entry;
            return Task.FromResult(true);
        }

        public Task InitializeMembershipTable(bool tryInitTableVersion) => Task.CompletedTask;

        public Task DeleteMembershipTableEntries(string clusterId) => throw new NotSupportedException();

        public Task CleanupDefunctSiloEntries(DateTimeOffset beforeDate) => throw new NotSupportedException();

        public Task<MembershipTableData> ReadRow(SiloAddress key) => throw new NotSupportedException();

        public Task<bool> InsertRow(MembershipEntry entry, TableVersion tableVersion) => throw new NotSupportedException();

        public Task UpdateIAmAlive(MembershipEntry entry) => throw new NotSupportedException();

        private static MembershipEntry Copy(MembershipEntry row)
        {
            MembershipEntry copy = Rows.Row(row.SiloAddress, row.Status, row.HostName);
            copy.SuspectTimes = row.SuspectTimes is null ? null : [.. row.SuspectTimes];
            return copy;
        }
    }
}
