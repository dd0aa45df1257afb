using Dynamo.Protocol.Routing;

namespace Dynamo.Cluster.Routing;

/// <summary>What became of one request at a router.</summary>
/// <param name="Status">What was decided.</param>
/// <param name="NumPromptTokens">Tokens of its prompt.</param>
/// <param name="NumOverlapTokens">Of those, the ones that the chosen worker is thought to have.</param>
/// <param name="NumMostOverlapTokens">The most that any worker is thought to have.</param>
/// <param name="Took">How long deciding took; <see langword="null"/> when a request that was held is released.</param>
internal readonly record struct RoutingOutcome(RouteStatus Status, int NumPromptTokens, int NumOverlapTokens, int NumMostOverlapTokens, TimeSpan? Took);
