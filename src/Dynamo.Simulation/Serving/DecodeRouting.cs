using Dynamo.Routing;
using Dynamo.Routing.Costs;

namespace Dynamo.Simulation.Serving;

/// <summary>How decode workers are chosen, where others prefill.</summary>
internal static class DecodeRouting
{
    // What a prompt block that must be transferred weighs against one that is held for a whole answer.
    private const double TransferWeight = 0.1;

    /// <summary>
    /// The blocks that a worker would hold decide, for they decide how long its steps last. With Dynamo's cost as Dynamo has it: no credit for
    /// what is there, a prompt counts whole. With ours: blocks that others hold there already count once, and what need not come counts a little.
    /// </summary>
    /// <param name="prefill">How prefill workers are chosen.</param>
    public static RouterOptions Of(RouterOptions prefill) => prefill with
    {
        Cost = RouterCost.Dynamo,
        Dynamo = prefill.Cost == RouterCost.Dynamo
            ? prefill.Dynamo with { OverlapScoreCredit = 0, AssumeKVReuse = false, TrackPrefillTokens = false }
            : new DynamoCostOptions { PrefillLoadScale = TransferWeight, TrackPrefillTokens = false },
    };
}
