namespace Dynamo.Engine.Execution.Wire;

/// <summary>What writer and reader of plans know of a slot, each for itself: the rest of a step's numbers follows from it.</summary>
internal struct SlotState
{
    /// <summary>A sequence has it.</summary>
    public bool IsTaken;

    /// <summary>Tokens that the sequence has: those that it started with, and one for each step since they were all computed.</summary>
    public int NumTokens;

    /// <summary>Position of its next row.</summary>
    public int NextPosition;

    /// <summary>Entries of its block table that were sent.</summary>
    public int NumBlocks;

    /// <summary>Number of the last plan whose batch had it, 0 for none.</summary>
    public long LastPlan;
}
