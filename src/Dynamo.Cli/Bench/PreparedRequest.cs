namespace Dynamo.Cli.Bench;

/// <summary>A request that only has to be sent.</summary>
/// <param name="Index">Its number.</param>
/// <param name="NumOutputTokens">Tokens that it asks for.</param>
/// <param name="Body">JSON in UTF-8.</param>
internal sealed record PreparedRequest(int Index, int NumOutputTokens, ReadOnlyMemory<byte> Body);
