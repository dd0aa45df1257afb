namespace Dynamo.Cluster.Joining;

/// <summary>A row of the membership table that is not dead, and what is known of its silo besides.</summary>
/// <param name="Row">The row.</param>
/// <param name="Sign">What came of looking for it at its address.</param>
/// <param name="IsShown">Redis has heard from it within the last seconds (<see cref="Membership.IPresence"/>).</param>
/// <param name="HasSuccessor">A later process has, or had, the same address.</param>
/// <param name="MuteFor">How long it has been mute at every look.</param>
internal readonly record struct PredecessorSighting(MembershipEntry Row, SiloSign Sign, bool IsShown, bool HasSuccessor = false, TimeSpan MuteFor = default)
{
    /// <summary>Whose row.</summary>
    public SiloAddress Silo => Row.SiloAddress;
}
