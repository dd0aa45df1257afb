using Dynamo.Cluster.Joining;
using Xunit;

namespace Dynamo.ClusterTests.Cluster.Joining;

public sealed class PredecessorJudgeTests
{
    private static readonly SiloAddress Other = Rows.Silo(11);
    private static readonly SiloAddress Member = Rows.Silo(12);

    private readonly PredecessorJudge _judge = new(Rows.Host);

    [Theory]
    [InlineData(nameof(SiloSign.Lives), true, "Lives", "")]
    [InlineData(nameof(SiloSign.Lives), false, "Lives", "")]
    [InlineData(nameof(SiloSign.Refused), true, "Gone", "nobody listens at its address")]
    [InlineData(nameof(SiloSign.Refused), false, "Gone", "nobody listens at its address")]
    [InlineData(nameof(SiloSign.Stranger), true, "Awaited", "tells Redis that it lives")]
    [InlineData(nameof(SiloSign.Stranger), false, "Gone", "another program listens at its address")]
    [InlineData(nameof(SiloSign.Unreachable), true, "Awaited", "cannot be reached from here, but tells Redis that it lives")]
    [InlineData(nameof(SiloSign.Unreachable), false, "Gone", "it does not answer, and Redis has not heard from it")]
    [InlineData(nameof(SiloSign.Mute), true, "Awaited", "does not answer, but tells Redis that it lives")]
    [InlineData(nameof(SiloSign.Mute), false, "Awaited", "takes connections and says nothing")]
    public void OneRow_IsJudgedByItsAddressAndByWhatRedisHeard(string sign, bool isShown, string state, string reason)
    {
        PredecessorVerdict verdict = Only(new PredecessorSighting(Rows.Row(Other), Enum.Parse<SiloSign>(sign), isShown));

        Assert.Equal(Other, verdict.Silo);
        Assert.Equal(state, verdict.State.ToString());
        Assert.Contains(reason, verdict.Reason);
    }

    [Theory]
    [InlineData(7.9, "Awaited")]
    [InlineData(8, "Gone")]
    public void ProcessThatHangs_IsWaitedForAsLongAsMembersWaitForEachOther(double seconds, string state) =>
        Assert.Equal(state, Only(new PredecessorSighting(Rows.Row(Other), SiloSign.Mute, IsShown: false, MuteFor: TimeSpan.FromSeconds(seconds))).State.ToString());

    [Theory]
    [InlineData(nameof(SiloSign.Lives))]
    [InlineData(nameof(SiloSign.Unreachable))]
    public void AddressOfALaterProcess_IsAFactWhateverAnswersThere(string sign) => Assert.Equal(
        new PredecessorVerdict(Other, PredecessorState.Gone, "is gone: a later process has its address"),
        Only(new PredecessorSighting(Rows.Row(Other), Enum.Parse<SiloSign>(sign), IsShown: true, HasSuccessor: true)));

    [Fact]
    public void SilenceHereAlone_IsNoDeath_WhileAMemberLivesThatCouldKnowBetter()
    {
        IReadOnlyList<PredecessorVerdict> verdicts = _judge.Judge([Lives(Member), Silent(Rows.Row(Other))], Rows.Now);

        Assert.Equal([PredecessorState.Lives, PredecessorState.Awaited], verdicts.Select(static verdict => verdict.State));
    }

    [Theory]
    [InlineData(119, "Gone")]
    [InlineData(121, "Awaited")]
    public void SilenceThatAMemberHasSeenToo_IsADeath(int secondsAgo, string state)
    {
        MembershipEntry row = Rows.Row(Other);
        row.AddSuspector(Member, Rows.Now - TimeSpan.FromSeconds(secondsAgo));

        Assert.Equal(state, _judge.Judge([Lives(Member), Silent(row)], Rows.Now)[1].State.ToString());
    }

    [Fact]
    public void VoteOfAProcessThatIsGoneItself_DoesNotCount()
    {
        MembershipEntry row = Rows.Row(Other);
        row.AddSuspector(Rows.Silo(13), Rows.Now);

        Assert.Equal(PredecessorState.Awaited, _judge.Judge([Lives(Member), Silent(row)], Rows.Now)[1].State);
    }

    [Theory]
    [InlineData(SiloStatus.Joining)]
    [InlineData(SiloStatus.ShuttingDown)]
    public void OnlyActiveMembers_AreWitnessesAndAreWaitedFor(SiloStatus status)
    {
        IReadOnlyList<PredecessorVerdict> verdicts = _judge.Judge(
            [new PredecessorSighting(Rows.Row(Member, status), SiloSign.Lives, IsShown: true), Silent(Rows.Row(Other)), new PredecessorSighting(Rows.Row(Rows.Silo(14), status), SiloSign.Unreachable, IsShown: true)],
            Rows.Now);

        Assert.Equal([PredecessorState.Lives, PredecessorState.Gone, PredecessorState.Lives], verdicts.Select(static verdict => verdict.State));
    }

    [Fact]
    public void LoopbackOfAnotherHost_RefusesNothing()
    {
        SiloAddress loopback = Rows.Silo(11, address: "127.0.0.1");

        Assert.Equal(PredecessorState.Awaited, Only(new PredecessorSighting(Rows.Row(loopback, host: "there"), SiloSign.Refused, IsShown: true)).State);
        Assert.Equal(PredecessorState.Gone, Only(new PredecessorSighting(Rows.Row(loopback, host: "there"), SiloSign.Refused, IsShown: false)).State);
        Assert.Equal(PredecessorState.Gone, Only(new PredecessorSighting(Rows.Row(loopback), SiloSign.Refused, IsShown: true)).State);
    }

    private PredecessorVerdict Only(PredecessorSighting sighting) => Assert.Single(_judge.Judge([sighting], Rows.Now));

    private static PredecessorSighting Lives(SiloAddress silo) => new(Rows.Row(silo), SiloSign.Lives, IsShown: true);

    private static PredecessorSighting Silent(MembershipEntry row) => new(row, SiloSign.Unreachable, IsShown: false);
}
