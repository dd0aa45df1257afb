using Dynamo.Protocol.Requests;

namespace Dynamo.Abstractions.Routing;

/// <summary>What a frontend saw of a sequence. Values are on the wire: append only.</summary>
public enum SequenceEventKind : byte
{
    /// <summary>The sequence's first token came from where it runs now: its prompt has been computed there.</summary>
    FirstToken = 1,

    /// <summary>The sequence is over.</summary>
    Ended = 2,
}

/// <summary>Something that a frontend saw of one sequence, for the model's router.</summary>
/// <param name="Request">The sequence.</param>
/// <param name="Kind">What happened.</param>
[GenerateSerializer, Immutable, Alias("dynamo.SequenceNews")]
public readonly record struct SequenceEvent([property: Id(0)] RequestId Request, [property: Id(1)] SequenceEventKind Kind);
