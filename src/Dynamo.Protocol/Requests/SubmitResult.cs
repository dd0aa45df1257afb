namespace Dynamo.Protocol.Requests;

/// <summary>What became of a submit. Values are on the wire: append only.</summary>
public enum SubmitStatus : byte
{
    /// <summary>Accepted: tokens will follow.</summary>
    Accepted = 0,

    /// <summary>Not loaded yet, draining, or over; try another instance.</summary>
    NotServing = 1,

    /// <summary>The queue is full; try another instance or later.</summary>
    Overloaded = 2,

    /// <summary>Can never run on this model.</summary>
    Invalid = 3,

    /// <summary>This attempt or a later one is here already.</summary>
    Duplicate = 4,
}

/// <summary>Answer to a submit.</summary>
/// <param name="Status">What became of it.</param>
/// <param name="Parameter">For <see cref="SubmitStatus.Invalid"/>: the parameter at fault, as HTTP spells it.</param>
/// <param name="Message">For anything but accepted: what, the limit, what to do.</param>
[GenerateSerializer, Immutable, Alias("dynamo.SubmitResult")]
public readonly record struct SubmitResult([property: Id(0)] SubmitStatus Status, [property: Id(1)] string? Parameter = null, [property: Id(2)] string? Message = null)
{
    /// <summary>Tokens will follow.</summary>
    public static SubmitResult Accepted => default;
}
