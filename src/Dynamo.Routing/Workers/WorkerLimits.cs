namespace Dynamo.Routing.Workers;

/// <summary>Size of a worker, and how it rounds.</summary>
/// <param name="NumBlocks">KV blocks, above 0.</param>
/// <param name="MaxBatchedTokens">Token budget of a step, above 0.</param>
/// <param name="NumericsClass">Names everything that its rounding depends on; <see langword="null"/> where that is of no interest.</param>
public readonly record struct WorkerLimits(int NumBlocks, int MaxBatchedTokens, string? NumericsClass = null);
