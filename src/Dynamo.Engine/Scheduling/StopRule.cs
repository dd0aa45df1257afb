using Dynamo.Protocol.Frames;
using Dynamo.Protocol.Requests;

namespace Dynamo.Engine.Scheduling;

/// <summary>Whether a sequence ends with the token just appended. Stop strings are the frontend's: the engine knows no text.</summary>
internal static class StopRule
{
    public static FinishReason After(Sequence sequence, int token)
    {
        SamplingParameters sampling = sequence.Sampling;
        if (Contains(sampling.StopTokenIds, token) || (!sampling.IgnoreEos && Contains(sampling.EosTokenIds, token)))
        {
            return FinishReason.Stop;
        }

        return sequence.NumTokens >= sequence.MaxNumTokens ? FinishReason.Length : FinishReason.None;
    }

    private static bool Contains(IReadOnlyList<int> tokens, int token)
    {
        for (int i = 0; i < tokens.Count; i++)
        {
            if (tokens[i] == token)
            {
                return true;
            }
        }

        return false;
    }
}
