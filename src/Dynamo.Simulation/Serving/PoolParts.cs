using Dynamo.Simulation.Traces;

namespace Dynamo.Simulation.Serving;

/// <summary>What all pools share.</summary>
/// <param name="Prompt">Where prompts are made.</param>
/// <param name="MaxModelLength">Tokens of the longest request.</param>
internal sealed record PoolParts(PromptTokens Prompt, int MaxModelLength);
