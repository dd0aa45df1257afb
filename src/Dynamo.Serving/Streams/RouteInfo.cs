using Dynamo.Protocol.Load;

namespace Dynamo.Serving.Streams;

/// <summary>Where a sequence runs, and how it was routed at first.</summary>
/// <param name="Worker">The last worker that accepted it.</param>
/// <param name="NumOverlapTokens">Tokens of its prompt that the router thought were at the first one.</param>
/// <param name="HeldMilliseconds">How long the router held it before that.</param>
public sealed record RouteInfo(WorkerId Worker, int NumOverlapTokens, double HeldMilliseconds);
