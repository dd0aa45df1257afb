namespace Dynamo.Engine.Mock;

/// <summary>What decides how long a step takes.</summary>
/// <param name="NumPrefillTokens">Rows of prompts, and of sequences that are computed again after a preemption; what the prefix cache had is not among them.</param>
/// <param name="NumEmitting">Sequences that get a token from this step.</param>
/// <param name="NumActiveBlocks">KV blocks that the step's sequences hold, a shared one once.</param>
/// <param name="NumBlocks">KV blocks of the pool.</param>
public readonly record struct StepWork(int NumPrefillTokens, int NumEmitting, int NumActiveBlocks, int NumBlocks);
