namespace Dynamo.Simulation.Traces;

/// <summary>One request of a trace.</summary>
/// <param name="ArrivalMilliseconds">Since the start of the trace.</param>
/// <param name="InputLength">Tokens of the prompt, at least 1.</param>
/// <param name="OutputLength">Tokens to generate, at least 1.</param>
/// <param name="Blocks">
/// Identities of the prompt's trace blocks, first to last, the last one perhaps partly filled; equal identities mean equal blocks behind equal
/// prefixes. Empty where the trace does not know: nothing is shared then.
/// </param>
public sealed record TraceRequest(double ArrivalMilliseconds, int InputLength, int OutputLength, long[] Blocks);
