using Dynamo.Protocol.Load;

namespace Dynamo.Routing.Workers;

/// <summary>What a router thinks a worker has to do.</summary>
/// <param name="Worker">The worker.</param>
/// <param name="NumLive">Requests booked there.</param>
/// <param name="NumQueued">Of those, the ones whose first token has not been seen.</param>
/// <param name="QueuedTokens">Their prompt tokens to compute.</param>
/// <param name="UsedBlocks">KV blocks in use: what the worker last said, or what is booked if that is more.</param>
/// <param name="NumBlocks">Its KV blocks.</param>
/// <param name="Speed">How fast it is thought to be.</param>
public readonly record struct WorkerLoad(WorkerId Worker, int NumLive, int NumQueued, long QueuedTokens, int UsedBlocks, int NumBlocks, StepSpeed Speed);
