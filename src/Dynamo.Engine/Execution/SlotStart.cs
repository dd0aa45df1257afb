using Dynamo.Protocol.Requests;

namespace Dynamo.Engine.Execution;

/// <summary>A sequence takes a slot: everything that whoever computes and samples it must know before its first step there.</summary>
/// <param name="Slot">The slot, 0 to <see cref="StepLimits.MaxNumSequences"/> - 1; nobody's until now.</param>
/// <param name="Sampling">How its tokens are chosen; checked.</param>
/// <param name="Tokens">Prompt and output so far: one that was preempted, parked or moved comes with output. Does not change, though the sequence grows.</param>
/// <param name="NumPromptTokens">How many of them are prompt, at least 1.</param>
/// <param name="NumComputedTokens">How many of them are in the cache already, fewer than all: its first row is at this position.</param>
public readonly record struct SlotStart(int Slot, SamplingParameters Sampling, ReadOnlyMemory<int> Tokens, int NumPromptTokens, int NumComputedTokens);
