namespace Dynamo.Engine.Loop;

/// <summary>Answer to a submit. Values are on the wire: append only.</summary>
public enum SubmitStatus : byte
{
    /// <summary>Accepted: outputs will follow, the last with a finish reason.</summary>
    Accepted = 0,

    /// <summary>Not loaded yet, draining, or stopped.</summary>
    NotServing = 1,

    /// <summary>The queue is full; try later or elsewhere.</summary>
    Overloaded = 2,

    /// <summary>Can never run here; the message names parameter and limit.</summary>
    Invalid = 3,

    /// <summary>This sequence and attempt, or a later one, is already here.</summary>
    Duplicate = 4,
}

/// <summary>Answer to a submit.</summary>
/// <param name="Status">What became of it.</param>
/// <param name="Parameter">For <see cref="SubmitStatus.Invalid"/>: the parameter at fault, as HTTP spells it.</param>
/// <param name="Message">For anything but accepted: what, the limit, what to do.</param>
public readonly record struct SubmitResult(SubmitStatus Status, string? Parameter = null, string? Message = null)
{
    /// <summary>Outputs will follow.</summary>
    public static SubmitResult Accepted => default;
}
