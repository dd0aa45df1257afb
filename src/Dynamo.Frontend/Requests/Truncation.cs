using Dynamo.Frontend.Bodies;
using Dynamo.Frontend.Errors;
using Dynamo.Frontend.Json;

namespace Dynamo.Frontend.Requests;

/// <summary>How a prompt that is too long is shortened: vLLM's <c>truncate_prompt_tokens</c> and <c>truncation_side</c>.</summary>
/// <param name="NumTokens">Tokens to keep, at least 1.</param>
/// <param name="KeepsEnd">Whether the last ones are kept, as vLLM does unless told otherwise.</param>
internal sealed record Truncation(int NumTokens, bool KeepsEnd)
{
    private const string Name = "truncate_prompt_tokens";
    private const string SideName = "truncation_side";

    /// <summary>Reads it.</summary>
    /// <param name="body">The request.</param>
    /// <param name="maxModelLength">Longest sequence.</param>
    /// <param name="maxTokens">Output that the request asks for; with -1 the prompt leaves room for it, unless nothing could.</param>
    /// <returns><see langword="null"/> when nothing is to be shortened.</returns>
    /// <exception cref="ApiException">It is out of range, or the side is none.</exception>
    public static Truncation? Read(JsonFields body, int maxModelLength, int maxTokens)
    {
        bool keepsEnd = body.Text(SideName) switch
        {
            null or "left" => true,
            "right" => false,
            { } other => throw ApiException.BadParameter(SideName, $"'{SideName}' must be left or right, is '{Shortened.To(60, other)}'.", "invalid_value"),
        };
        if (body.Integer(Name, -1, maxModelLength - 1) is not { } numTokens)
        {
            return null;
        }

        return numTokens switch
        {
            0 => throw ApiException.BadParameter(Name, $"'{Name}' must be -1, or 1 to {maxModelLength - 1}, is 0: a prompt without tokens has no answer.", "invalid_value"),
            -1 => new Truncation(maxModelLength - (maxTokens < maxModelLength ? maxTokens : 1), keepsEnd),
            _ => new Truncation(numTokens, keepsEnd),
        };
    }

    /// <summary>Shortens a prompt.</summary>
    public IReadOnlyList<int> Apply(IReadOnlyList<int> ids)
    {
        if (ids.Count <= NumTokens)
        {
            return ids;
        }

        int[] kept = new int[NumTokens];
        int first = KeepsEnd ? ids.Count - NumTokens : 0;
        for (int i = 0; i < kept.Length; i++)
        {
            kept[i] = ids[first + i];
        }

        return kept;
    }
}
