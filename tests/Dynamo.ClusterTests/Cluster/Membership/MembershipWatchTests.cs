using Dynamo.Cluster.Membership;
using Dynamo.ClusterTests.Security;
using Microsoft.Extensions.Time.Testing;
using StackExchange.Redis;
using Xunit;

namespace Dynamo.ClusterTests.Cluster.Membership;

public sealed class MembershipWatchTests
{
    private static readonly MembershipSnapshot Well = new(HasTable: true, HasRow: true, IsMarked: false);

    private readonly FakeTimeProvider _time = new();
    private readonly FakeStore _store = new();
    private readonly FakePresence _presence = new();
    private readonly LineLogger<MembershipWatch> _log = new();
    private readonly MembershipWatch _watch;

    public MembershipWatchTests() => _watch = new MembershipWatch(_store, _presence, new ClusterRecords(RedisServer.Settings(7)), _time, _log);

    [Fact]
    public async Task RowIsThere_NoFault_NothingSaidOrWritten()
    {
        await CheckAsync(Well);

        Assert.Empty(_watch.Faults);
        Assert.Empty(_log.Lines);
        Assert.Empty(_store.Writes);
    }

    [Fact]
    public async Task TableGone_IsMarkedAndSaidAtOnceAndEach30Seconds()
    {
        await CheckAsync(new MembershipSnapshot(HasTable: false, HasRow: false, IsMarked: false));
        string fault = Assert.Single(_watch.Faults);
        Assert.Contains("came back empty", fault);
        Assert.Contains("redis-cli -h 127.0.0.1 -p 7 DEL dynamo/lost/test", fault);
        Assert.Equal([$"Error {fault}"], _log.Lines);
        Assert.Equal(["mark"], _store.Writes);

        MembershipSnapshot marked = new(HasTable: false, HasRow: false, IsMarked: true);
        for (int second = 1; second < 30; second++)
        {
            _time.Advance(TimeSpan.FromSeconds(1));
            await CheckAsync(marked);
        }

        Assert.Single(_log.Lines);
        _time.Advance(TimeSpan.FromSeconds(1));
        await CheckAsync(marked);
        Assert.Equal(2, _log.Lines.Count);
        Assert.Equal(["mark"], _store.Writes);
    }

    [Fact]
    public async Task OtherTableInItsPlace_IsSaidAsThat()
    {
        await CheckAsync(new MembershipSnapshot(HasTable: true, HasRow: false, IsMarked: false));

        Assert.Contains("another cluster has formed under the same name", Assert.Single(_watch.Faults));
        Assert.Equal(["mark"], _store.Writes);
    }

    [Fact]
    public async Task RowBack_HealsAndTakesTheMarkAway()
    {
        await CheckAsync(new MembershipSnapshot(HasTable: false, HasRow: false, IsMarked: false));
        await CheckAsync(new MembershipSnapshot(HasTable: true, HasRow: true, IsMarked: true));

        Assert.Empty(_watch.Faults);
        Assert.Equal(["mark", "unmark"], _store.Writes);
        Assert.StartsWith("Information Redis at 127.0.0.1:7 holds the members", _log.Lines[^1]);
        await CheckAsync(Well);
        Assert.Equal(2, _store.Writes.Count);
        Assert.Equal(2, _log.Lines.Count);
    }

    [Fact]
    public async Task MarkOfOthers_IsAFaultFromTheSecondLook_AndIsNotTakenAway()
    {
        MembershipSnapshot marked = Well with { IsMarked = true };
        await CheckAsync(marked);
        Assert.Empty(_watch.Faults);
        await CheckAsync(marked);
        Assert.Contains("rows of other processes", Assert.Single(_watch.Faults));
        Assert.Empty(_store.Writes);

        await CheckAsync(Well);
        Assert.Empty(_watch.Faults);
    }

    [Fact]
    public async Task RedisAway_IsAFaultWithoutALogLineOrAMark_AndKeepsWhatWasLost()
    {
        _store.Failure = new RedisConnectionException(ConnectionFailureType.UnableToConnect, "away");
        await _watch.CheckAsync();
        Assert.Contains("out of reach", Assert.Single(_watch.Faults));
        Assert.Empty(_log.Lines);
        Assert.Empty(_store.Writes);

        await CheckAsync(new MembershipSnapshot(HasTable: false, HasRow: false, IsMarked: false));
        Assert.Contains("came back empty", Assert.Single(_watch.Faults));
        _store.Failure = new TimeoutException();
        await _watch.CheckAsync();
        await _watch.CheckAsync();
        Assert.Equal(2, _watch.Faults.Count);

        await CheckAsync(Well with { IsMarked = true });
        Assert.Empty(_watch.Faults);
    }

    [Fact]
    public async Task MarkThatCannotBeWritten_IsTriedAgain()
    {
        MembershipSnapshot lost = new(HasTable: false, HasRow: false, IsMarked: false);
        _store.WriteFailure = new RedisTimeoutException("write", CommandStatus.Unknown);
        await CheckAsync(lost);
        _store.WriteFailure = null;
        await CheckAsync(lost);

        Assert.Equal(["mark"], _store.Writes);
    }

    [Fact]
    public async Task EverySecondLook_ShowsThatTheSiloLives_LongerThanOneThatIsLate()
    {
        for (int second = 0; second < 5; second++)
        {
            await CheckAsync(Well);
            _time.Advance(TimeSpan.FromSeconds(1));
        }

        Assert.Equal([5, 5, 5], _presence.Seconds);
    }

    private Task CheckAsync(MembershipSnapshot seen)
    {
        _store.Failure = null;
        _store.Snapshot = seen;
        return _watch.CheckAsync();
    }

    private sealed class FakePresence : IPresence
    {
        public List<double> Seconds { get; } = [];

        public Task ShowAsync(TimeSpan duration)
        {
            Seconds.Add(duration.TotalSeconds);
            return Task.CompletedTask;
        }

        public Task<bool[]> AreShownAsync(IReadOnlyList<SiloAddress> silos) => throw new NotSupportedException();
    }

    private sealed class FakeStore : IMembershipStore
    {
        public MembershipSnapshot Snapshot { get; set; }

        public Exception? Failure { get; set; }

        public Exception? WriteFailure { get; set; }

        public List<string> Writes { get; } = [];

        public Task<MembershipSnapshot> ReadAsync() => Failure is null ? Task.FromResult(Snapshot) : Task.FromException<MembershipSnapshot>(Failure);

        public Task MarkAsync() => WriteAsync("mark");

        public Task UnmarkAsync() => WriteAsync("unmark");

        private Task WriteAsync(string what)
        {
            if (WriteFailure is { } failure)
            {
                return Task.FromException(failure);
            }

            Writes.Add(what);
            return Task.CompletedTask;
        }
    }
}
