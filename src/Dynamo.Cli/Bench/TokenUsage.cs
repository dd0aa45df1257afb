namespace Dynamo.Cli.Bench;

/// <summary>Tokens of a request by the server's count.</summary>
/// <param name="NumPromptTokens">Of the prompt.</param>
/// <param name="NumCompletionTokens">Of the answer.</param>
/// <param name="NumCachedTokens">Of the prompt, those that were not computed again; <see langword="null"/> when it is not told.</param>
internal readonly record struct TokenUsage(int NumPromptTokens, int NumCompletionTokens, int? NumCachedTokens);
