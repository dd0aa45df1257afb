using System.Collections.Immutable;
using System.Net;
using Dynamo.Abstractions.Instances;
using Dynamo.Protocol.Load;
using Dynamo.Serving.Catalog;
using Dynamo.Serving.Liveness;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Time.Testing;
using Xunit;

namespace Dynamo.ClusterTests.Serving.Liveness;

public sealed class DeathCheckTests
{
    private static readonly WorkerId One = new(1);
    private static readonly WorkerId Two = new(2);
    private static readonly SiloAddress Silo = SiloAddress.New(new IPEndPoint(IPAddress.Loopback, 1000), 1);

    private readonly FakeTimeProvider _time = new();
    private readonly Port _port = new();
    private readonly WorkerWatch _watch;
    private readonly Membership _membership = new();
    private readonly DeathCheck _deaths;

    public DeathCheckTests()
    {
        _watch = new WorkerWatch(_time);
        _deaths = new DeathCheck(_port, new Locator(), _watch, _membership, _time, NullLogger<DeathCheck>.Instance);
    }

    [Fact]
    public async Task RefusedPort_EveryWorkerOfTheSiloIsGone_AndTheClusterIsTold()
    {
        _port.IsRefused = true;

        Assert.True(await _deaths.IsGoneAsync(One));
        Assert.Equal([One, Two], _watch.Suspects.Order(Comparer<WorkerId>.Create(static (a, b) => a.Value.CompareTo(b.Value))));
        Assert.Equal([Silo], _membership.Killed);
    }

    [Fact]
    public async Task PortThatAnswersOrSaysNothing_ProvesNothing()
    {
        Assert.False(await _deaths.IsGoneAsync(One));
        Assert.Empty(_watch.Suspects);
        Assert.Empty(_membership.Killed);
    }

    [Fact]
    public async Task SiloThatIsLeaving_IsNotDeclaredDead()
    {
        _port.IsRefused = true;
        _membership.Status = SiloStatus.ShuttingDown;

        Assert.True(await _deaths.IsGoneAsync(One));
        Assert.Empty(_membership.Killed);
    }

    [Fact]
    public async Task ManyQuestions_OneProbeInAnInterval()
    {
        await _deaths.IsGoneAsync(One);
        _port.IsRefused = true;
        Assert.False(await _deaths.IsGoneAsync(Two));
        Assert.Equal(1, _port.NumLooks);

        _time.Advance(DeathCheck.Interval);
        Assert.True(await _deaths.IsGoneAsync(Two));
        Assert.Equal(2, _port.NumLooks);
    }

    [Fact]
    public async Task WorkerThatNobodyKnows_IsNotLookedFor()
    {
        Assert.False(await _deaths.IsGoneAsync(new WorkerId(3)));
        Assert.Equal(0, _port.NumLooks);
    }

    private sealed class Port : ISiloPort
    {
        public bool IsRefused { get; set; }

        public int NumLooks { get; private set; }

        public Task<bool> IsRefusedAsync(SiloAddress silo)
        {
            NumLooks++;
            return Task.FromResult(IsRefused);
        }
    }

    private sealed class Locator : IWorkerLocator
    {
        public InstanceKey? InstanceOf(WorkerId worker) => worker == One || worker == Two ? new InstanceKey("m", Silo, 1) : null;

        public IEnumerable<WorkerId> WorkersOf(SiloAddress silo) => silo.Equals(Silo) ? [One, Two] : [];
    }

    private sealed class Membership : IClusterMembershipService
    {
        public SiloStatus Status { get; set; } = SiloStatus.Active;

        public List<SiloAddress> Killed { get; } = [];

        public ClusterMembershipSnapshot CurrentSnapshot => new(
            ImmutableDictionary.CreateRange([KeyValuePair.Create(Silo, new ClusterMember(Silo, Status, "worker"))]), new MembershipVersion(1));

        public IAsyncEnumerable<ClusterMembershipSnapshot> MembershipUpdates => throw new NotSupportedException();

        public ValueTask Refresh(MembershipVersion minimumVersion = default, CancellationToken cancellationToken = default) => ValueTask.CompletedTask;

        public Task<bool> TryKill(SiloAddress siloAddress)
        {
            Killed.Add(siloAddress);
            return Task.FromResult(true);
        }
    }
}
