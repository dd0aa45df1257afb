namespace Dynamo.Routing.Workers;

/// <summary>Size of a worker.</summary>
/// <param name="NumBlocks">KV blocks, above 0.</param>
/// <param name="MaxBatchedTokens">Token budget of a step, above 0.</param>
public readonly record struct WorkerLimits(int NumBlocks, int MaxBatchedTokens);
