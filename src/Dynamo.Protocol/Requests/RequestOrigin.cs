namespace Dynamo.Protocol.Requests;

/// <summary>
/// Where a sequence comes from. Its worker keeps it beside the tokens, so that another frontend can go on with the response when the one that
/// took the request is gone.
/// </summary>
/// <param name="ResponseId">Id of the response that the sequence is a choice of.</param>
/// <param name="Index">Which choice, from 0.</param>
/// <param name="Data">What the frontends need to shape the response; theirs alone.</param>
public sealed record RequestOrigin(string ResponseId, int Index, byte[] Data);
