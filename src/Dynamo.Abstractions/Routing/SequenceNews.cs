using Dynamo.Protocol.Requests;

namespace Dynamo.Abstractions.Routing;

/// <summary>What a frontend saw of a sequence. Values are on the wire: append only.</summary>
public enum SequenceNewsKind : byte
{
    /// <summary>Its first token came from where it runs now: its prompt has been computed there.</summary>
    FirstToken = 1,

    /// <summary>It is over.</summary>
    Ended = 2,
}

/// <summary>News of one sequence for its model's router.</summary>
/// <param name="Request">The sequence.</param>
/// <param name="Kind">What happened.</param>
[GenerateSerializer, Immutable, Alias("dynamo.SequenceNews")]
public readonly record struct SequenceNews([property: Id(0)] RequestId Request, [property: Id(1)] SequenceNewsKind Kind);
