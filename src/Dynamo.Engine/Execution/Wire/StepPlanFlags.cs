namespace Dynamo.Engine.Execution.Wire;

/// <summary>Which optional parts a plan's bytes have; the low half of its first byte.</summary>
[Flags]
internal enum StepPlanFlags : byte
{
    /// <summary>The sequences of the plan before, in their order: a step of steady decode.</summary>
    None = 0,

    /// <summary>Slots end.</summary>
    Ends = 1,

    /// <summary>Slots start.</summary>
    Starts = 2,

    /// <summary>The batch's slots are listed, because they are not those of the plan before without the ended ones, and behind them the started ones.</summary>
    List = 4,

    /// <summary>All of these.</summary>
    All = Ends | Starts | List,
}
