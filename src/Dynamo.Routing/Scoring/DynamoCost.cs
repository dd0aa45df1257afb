using Dynamo.Routing.Configuration;

namespace Dynamo.Routing.Scoring;

/// <summary>
/// NVIDIA Dynamo's cost of sending a request to a worker, in blocks (ai-dynamo/dynamo, lib/kv-router/src/scheduling/selector/default.rs). A
/// pure function.
/// </summary>
/// <param name="Total">The cost; lowest wins.</param>
/// <param name="PrefillBlocks">Blocks of prompts that wait there and of this one.</param>
/// <param name="Credit">Of those, blocks taken off because they are there.</param>
/// <param name="DecodeBlocks">Full blocks held there, this request's included.</param>
/// <param name="Requests">Weighted requests there.</param>
public readonly record struct DynamoCost(double Total, double PrefillBlocks, double Credit, double DecodeBlocks, double Requests)
{
    /// <summary>Evaluates it.</summary>
    /// <param name="options">Its parameters.</param>
    /// <param name="input">Request and worker.</param>
    /// <param name="leastPrefillTokens">The least prompt tokens that wait at an eligible worker.</param>
    public static DynamoCost Of(DynamoCostOptions options, in CostInput input, long leastPrefillTokens)
    {
        double blockSize = input.BlockSize;
        long waiting = options.TrackPrefillTokens ? input.QueuedTokens : 0;
        double decay = 1;
        if (options.TrackPrefillTokens && options.OverlapScoreCreditDecay > 0)
        {
            double requestBlocks = Math.Max(1, input.NumTokens / blockSize);
            decay = 1 / (1 + (options.OverlapScoreCreditDecay * ((waiting - leastPrefillTokens) / blockSize) / requestBlocks));
        }

        double credit = options.OverlapScoreCredit * decay * input.OverlapBlocks;
        double raw = (waiting + input.NumTokens) / blockSize;
        int own = (options.AssumeKVReuse ? input.NewBlocks : input.PromptBlocks) - (input.NumTokens % input.BlockSize > 0 ? 1 : 0);
        double decode = input.BookedBlocks - input.BookedPartialBlocks + own;
        double requests = options.DecodeActiveRequestWeight * input.NumLive;
        double total = (options.PrefillLoadScale * Math.Max(0, raw - credit)) + decode + requests;
        return new DynamoCost(total, raw, credit, decode, requests);
    }
}
