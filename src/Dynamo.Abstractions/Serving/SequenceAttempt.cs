using Dynamo.Protocol.Requests;

namespace Dynamo.Abstractions.Serving;

/// <summary>One dispatch of one sequence.</summary>
/// <param name="Id">The sequence.</param>
/// <param name="Attempt">The dispatch, from 1.</param>
[GenerateSerializer, Immutable, Alias("dynamo.SequenceAttempt")]
public readonly record struct SequenceAttempt([property: Id(0)] RequestId Id, [property: Id(1)] int Attempt);
