namespace Dynamo.Cli.Bench;

/// <summary>One request of a trace.</summary>
/// <param name="ArrivalMilliseconds">Since the start of the trace.</param>
/// <param name="NumInputTokens">Tokens of the prompt, at least 1.</param>
/// <param name="NumOutputTokens">Tokens to generate, at least 1.</param>
/// <param name="Blocks">The prompt's blocks, the last perhaps partly filled. Equal ids are equal tokens.</param>
internal sealed record TraceRequest(double ArrivalMilliseconds, int NumInputTokens, int NumOutputTokens, long[] Blocks);
