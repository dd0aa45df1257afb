namespace Dynamo.Cluster.Security.Membership;

/// <summary>What Redis holds of the cluster at one moment.</summary>
/// <param name="HasTable">The membership table is there.</param>
/// <param name="HasRow">It has this silo's row.</param>
/// <param name="IsMarked">Silos have said that their rows were lost.</param>
internal readonly record struct MembershipSnapshot(bool HasTable, bool HasRow, bool IsMarked);
