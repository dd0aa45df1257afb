namespace Dynamo.Cluster.Joining;

/// <summary>What is to be done about a row of the membership table.</summary>
internal enum PredecessorState
{
    /// <summary>Nothing: it is a member.</summary>
    Lives,

    /// <summary>The silo's process is gone; its row says otherwise.</summary>
    Gone,

    /// <summary>The silo may live or not. No process may join before that is known.</summary>
    Awaited,
}

/// <summary>A row and what was found of it.</summary>
/// <param name="Silo">Whose row.</param>
/// <param name="State">What is to be done.</param>
/// <param name="Reason">Why, to follow the silo's name in a sentence; empty for one that lives.</param>
internal readonly record struct PredecessorVerdict(SiloAddress Silo, PredecessorState State, string Reason);
