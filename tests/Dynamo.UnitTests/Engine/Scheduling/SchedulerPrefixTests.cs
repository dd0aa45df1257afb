using Dynamo.Engine.Scheduling;
using Dynamo.UnitTests.Engine.Support;
using Xunit;
using static Dynamo.UnitTests.Engine.Support.TestRequests;

namespace Dynamo.UnitTests.Engine.Scheduling;

/// <summary>Prefix hits among ten blocks of four tokens.</summary>
public sealed class SchedulerPrefixTests
{
    private readonly SchedulerRig _rig = new(numBlocks: 10);

    [Theory]
    [InlineData(4, "B 0+4*", 0)] // One block, but its last token must be computed.
    [InlineData(5, "B 4+1*", 4)]
    [InlineData(8, "B 4+4*", 4)]
    [InlineData(9, "B 8+1*", 8)]
    [InlineData(11, "B 8+3*", 8)]
    public void Schedule_SamePromptAgain_HitsWholeBlocksUpToTheLastTokenButOne(int length, string plan, int numCached)
    {
        _rig.Add("A", Prompt(length), maxTokens: 1);
        _rig.Step();
        Sequence again = _rig.Add("B", Prompt(length));

        Assert.Equal(plan, _rig.Plan());
        Assert.Equal(numCached, again.NumCachedTokens);
        Assert.Equal((2 * length, numCached), ((int)_rig.Scheduler.NumPrefixQueryTokens, (int)_rig.Scheduler.NumPrefixHitTokens));
    }

    [Fact]
    public void Schedule_HitsOfARunningSequence_ShareItsBlocks()
    {
        Sequence a = _rig.Add("A", Prompt(10));
        _rig.Step();
        Sequence b = _rig.Add("B", [.. Prompt(8), 30, 31]);

        Assert.Equal("A 10+1* B 8+2*", _rig.Plan());
        Assert.Equal([0, 1, 2], _rig.BlocksOf(a));
        Assert.Equal([0, 1, 3], _rig.BlocksOf(b));
        Assert.Equal((2, 2, 1), (_rig.Pool.Holders(0), _rig.Pool.Holders(1), _rig.Pool.Holders(2)));
    }

    [Fact]
    public void Schedule_SharedPrefix_OutlivesTheSequenceThatMadeIt()
    {
        Sequence a = _rig.Add("A", Prompt(10));
        _rig.Step();
        Sequence b = _rig.Add("B", [.. Prompt(8), 30, 31]);
        _rig.Step();

        _rig.Scheduler.Finish(a);

        Assert.Equal((1, 1, 0), (_rig.Pool.Holders(0), _rig.Pool.Holders(1), _rig.Pool.Holders(2)));
        Assert.Equal([2, 4, 5, 6, 7, 8, 9], _rig.Pool.EvictionOrder);

        _rig.Scheduler.Finish(b);
        Assert.Equal([3, 2, 4, 5, 6, 7, 8, 9, 1, 0], _rig.Pool.EvictionOrder);
    }

    [Fact]
    public void Schedule_FirstBlockDiffers_HitsNothingBehindIt()
    {
        _rig.Add("A", Prompt(12), maxTokens: 1);
        _rig.Step();

        _rig.Add("B", [31, .. Prompt(12).Skip(1)]);

        Assert.Equal("B 0+12*", _rig.Plan());
    }

    [Fact]
    public void Schedule_OtherTenant_HitsNothing()
    {
        _rig.Add("A", Prompt(12), maxTokens: 1, salt: "one");
        _rig.Step();

        _rig.Add("B", Prompt(12), salt: "two");
        Assert.Equal("B 0+12*", _rig.Plan());

        _rig.Add("C", Prompt(12), salt: "one");
        Assert.Equal("B 12+1* C 8+4*", Next());
    }

    [Fact]
    public void Schedule_CachingOff_HitsNothing()
    {
        SchedulerRig rig = new(numBlocks: 10, prefixCaching: false);
        rig.Add("A", Prompt(12), maxTokens: 1);
        rig.Step();
        rig.Add("B", Prompt(12));

        Assert.Equal("B 0+12*", rig.Plan());
        Assert.Equal((0, 0L, 0L), (rig.Pool.NumCached, rig.Scheduler.NumPrefixQueryTokens, rig.Scheduler.NumPrefixHitTokens));
    }

    [Fact]
    public void Schedule_TwoEqualPromptsInOneStep_TheSecondHoldsWhatTheFirstFills()
    {
        Sequence a = _rig.Add("A", Prompt(9));
        Sequence b = _rig.Add("B", Prompt(9));

        Assert.Equal("A 0+9* B 8+1*", _rig.Step());

        Assert.Equal([0, 1, 2], _rig.BlocksOf(a));
        Assert.Equal([0, 1, 3], _rig.BlocksOf(b));
        Assert.Equal((2, 8), (_rig.Pool.NumCached, b.NumCachedTokens));
    }

    [Fact]
    public void Schedule_TwoPromptsThatFillTheirLastBlockInOneStep_EachComputesItsOwnAndOneIsFindable()
    {
        Sequence a = _rig.Add("A", Prompt(8));
        Sequence b = _rig.Add("B", Prompt(8));

        Assert.Equal("A 0+8* B 4+4*", _rig.Step());

        Assert.Equal([0, 1], _rig.BlocksOf(a));
        Assert.Equal([0, 2], _rig.BlocksOf(b));
        Assert.Equal(2, _rig.Pool.NumCached);
    }

    [Fact]
    public void Schedule_PromptThatIsComputedInPart_OnlyItsFullBlocksAreShared()
    {
        SchedulerRig rig = new(numBlocks: 20, maxBatchedTokens: 16);
        rig.Add("A", Prompt(23));
        Assert.Equal("A 0+16", rig.Step());
        rig.Add("B", [.. Prompt(22), 31]);

        // Seven more tokens of A fill its fifth block; of the sixth it has three.
        Assert.Equal("A 16+7* B 20+3*", rig.Plan());
    }

    [Fact]
    public void Schedule_TheEqualBlockThatWasFindableIsEvicted_OursTakesItsPlace()
    {
        Sequence a = _rig.Add("A", Prompt(8));
        Sequence b = _rig.Add("B", Prompt(8));
        _rig.Step();
        _rig.Scheduler.Finish(a);
        Assert.Equal([3, 4, 5, 6, 7, 8, 9, 1], _rig.Pool.EvictionOrder);

        // Seven blocks evict the one that A left; then B fills its third, and its second, which was a duplicate, counts again.
        Sequence other = _rig.Add("C", Prompt(27, first: 10).Select(static t => t % 32).ToArray(), maxTokens: 1);
        Assert.Equal("B 8+1* C 0+27*", _rig.Step());
        Assert.Equal(SequenceState.Finished, other.State);
        Assert.Null(_rig.Pool.Find(b.BlockHash(1, 4), b.BlockHash(0, 4), b.Tokens[4..8]));
        _rig.Step();
        _rig.Step();
        _rig.Step();

        Assert.Equal(2, _rig.Pool.Find(b.BlockHash(1, 4), b.BlockHash(0, 4), b.Tokens[4..8]));
        _rig.Add("D", Prompt(9));
        Assert.Equal("B 12+1* D 8+1*", _rig.Plan());
    }

    [Fact]
    public void Schedule_OutputToo_IsFoundByTheNextTurnOfAChat()
    {
        Sequence turn = _rig.Add("A", Prompt(6), maxTokens: 7);
        while (turn.State != SequenceState.Finished)
        {
            _rig.Step();
        }

        // 13 tokens, of which the last was never computed: three blocks.
        _rig.Add("B", [.. turn.Tokens, 30, 31]);

        Assert.Equal("B 12+3*", _rig.Plan());
    }

    [Fact]
    public void Schedule_HitsThatAreFree_CountAsBlocksTheAdmissionNeeds()
    {
        // Ten blocks: A's three stay cached and free, D holds seven.
        _rig.Add("A", Prompt(12), maxTokens: 1);
        _rig.Step();
        _rig.Add("D", Prompt(28, first: 0).Select(static t => (t + 13) % 32).ToArray(), maxTokens: 100);
        Assert.Equal("D 0+28*", _rig.Plan());
        Assert.Equal((3, 3), (_rig.Pool.NumFree, _rig.Pool.NumFreeCached));

        // 13 tokens: three hits that are free and one more block make four.
        _rig.Add("B", Prompt(13), maxTokens: 1);
        Assert.Equal("D 28+1*", Next());
        _rig.Pool.Verify();
    }

    private string Next()
    {
        _rig.Compute();
        return _rig.Plan();
    }
}
