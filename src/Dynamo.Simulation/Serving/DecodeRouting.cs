using Dynamo.Routing.Configuration;

namespace Dynamo.Simulation.Serving;

/// <summary>How decode workers are chosen, where others prefill.</summary>
internal static class DecodeRouting
{
    /// <summary>
    /// With our cost by the same cost: what a worker lacks of a prompt must come to it instead of being computed, and a prefix that others there
    /// hold takes no further blocks. With Dynamo's as Dynamo has it: the blocks held decide, each prompt's counted whole, and what is there earns
    /// nothing.
    /// </summary>
    /// <param name="prefill">How prefill workers are chosen.</param>
    public static RouterOptions Of(RouterOptions prefill) => prefill.Cost == RouterCost.Time
        ? prefill
        : prefill with { Dynamo = prefill.Dynamo with { OverlapScoreCredit = 0, AssumeKVReuse = false, TrackPrefillTokens = false } };
}
