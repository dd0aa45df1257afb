using Dynamo.Engine.Sharing;
using Microsoft.Extensions.Time.Testing;
using Xunit;

namespace Dynamo.UnitTests.Engine.Sharing;

public sealed class CoreSharingTests : IDisposable
{
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("dynamo-cores-");
    private readonly FakeTimeProvider _time = new();

    public void Dispose() => _folder.Delete(recursive: true);

    [Fact]
    public void Begin_OthersIdle_AllCores()
    {
        using CoreSharing first = Join();
        using CoreSharing second = Join();

        Assert.Equal(4, first.Begin());
    }

    [Fact]
    public void Begin_AnotherBegins_SharesFromTheNextStepOn()
    {
        using CoreSharing first = Join();
        using CoreSharing second = Join();
        Assert.Equal(4, first.Begin());
        Assert.Equal(2, second.Begin());
        first.End();

        Assert.Equal(2, first.Begin());
    }

    [Fact]
    public void Begin_BetweenTwoStepsOfAnother_StillShares()
    {
        using CoreSharing first = Join();
        using CoreSharing second = Join();
        second.Begin();
        second.End();
        _time.Advance(TimeSpan.FromMilliseconds(249));

        Assert.Equal(2, first.Begin());
    }

    [Fact]
    public void Begin_AnotherHasHadNoWorkForAWhile_TakesItsCores()
    {
        using CoreSharing first = Join();
        using CoreSharing second = Join();
        second.Begin();
        second.End();
        _time.Advance(TimeSpan.FromMilliseconds(250));

        Assert.Equal(4, first.Begin());
    }

    [Fact]
    public void Begin_AnotherLeft_TakesItsCoresAtOnce()
    {
        using CoreSharing first = Join();
        CoreSharing second = Join();
        second.Begin();
        Assert.Equal(2, first.Begin());
        second.Dispose();

        Assert.Equal(4, first.Begin());
    }

    [Fact]
    public void Begin_AnotherDiedInAStep_TakesItsCoresAfterALook()
    {
        using CoreSharing first = Join();
        ClaimTable<CoreClaim> table = Take();
        CoreSharing second = new(table, Claim(null), _time);
        second.Begin();
        Assert.Equal(2, first.Begin());

        // What is left of a process that is killed: its claim as it was, and no lock.
        table.Dispose();
        _time.Advance(TimeSpan.FromMilliseconds(100));
        Assert.Equal(4, first.Begin());
    }

    [Fact]
    public void Begin_SlotOfADeadOneTakenAnew_IsTheNewOnes()
    {
        using CoreSharing first = Join();
        ClaimTable<CoreClaim> table = Take();
        new CoreSharing(table, Claim(null), _time).Begin();
        table.Dispose();
        using CoreSharing third = Join();

        Assert.Equal(4, first.Begin());
        Assert.Equal(2, third.Begin());
        Assert.Equal(2, first.Begin());
    }

    [Fact]
    public void Begin_AnotherInALongStep_IsStillBusy()
    {
        using CoreSharing first = Join();
        using CoreSharing second = Join();
        second.Begin();
        _time.Advance(TimeSpan.FromMinutes(1));

        Assert.Equal(2, first.Begin());
    }

    [Fact]
    public void Begin_FixedNumber_StaysAndIsTakenFromTheOthers()
    {
        using CoreSharing given = Join(numThreads: 3);
        using CoreSharing other = Join();
        Assert.Equal(3, given.Begin());

        Assert.Equal(1, other.Begin());
        Assert.Equal(3, given.Begin());
    }

    [Fact]
    public void Begin_AloneOnPurpose_AllCores()
    {
        using CoreSharing sharing = Join();
        using CoreSharing alone = new(null, Claim(null), _time);
        sharing.Begin();

        Assert.Equal(4, alone.Begin());
    }

    [Fact]
    public void BeginAndEnd_AllocateNothing()
    {
        using CoreSharing first = Join();
        using CoreSharing second = Join();
        Step();

        long before = GC.GetAllocatedBytesForCurrentThread();
        Step();
        Assert.Equal(before, GC.GetAllocatedBytesForCurrentThread());

        void Step()
        {
            _ = second.Begin();
            for (int i = 0; i < 10; i++)
            {
                _ = first.Begin();
                first.End();
            }

            second.End();
        }
    }

    private static CoreClaim Claim(int? numThreads) => new()
    {
        Processors = CpuSet.Of(0, 1, 2, 3),
        NumThreads = numThreads ?? 4,
        IsFixed = numThreads is null ? 0 : 1,
    };

    private CoreSharing Join(int? numThreads = null) => new(Take(), Claim(numThreads), _time);

    private ClaimTable<CoreClaim> Take() => ClaimTable<CoreClaim>.TryTake(_folder.FullName, "cores")!;
}
