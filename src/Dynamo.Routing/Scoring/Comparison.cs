using Dynamo.Routing.Configuration;

namespace Dynamo.Routing.Scoring;

/// <summary>How the costs of one decision come from what they are functions of, so that their terms need not be kept. Immutable.</summary>
/// <param name="Cost">Which cost.</param>
/// <param name="Dynamo">Parameters of Dynamo's.</param>
/// <param name="LeastPrefillTokens">The least prompt tokens that waited at an eligible worker, which Dynamo's may ask for.</param>
internal sealed record Comparison(RouterCost Cost, DynamoCostOptions Dynamo, long LeastPrefillTokens);
