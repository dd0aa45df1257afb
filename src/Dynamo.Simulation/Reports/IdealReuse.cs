using Dynamo.Simulation.Configuration;
using Dynamo.Simulation.Traces;

namespace Dynamo.Simulation.Reports;

/// <summary>The share of a trace's prompt tokens that one endless cache for all workers would have.</summary>
internal static class IdealReuse
{
    public static double Of(IReadOnlyList<SimulatedRequest> requests, SimulationConfig config)
    {
        HashSet<long> seen = [];
        long hits = 0;
        long tokens = 0;
        foreach (SimulatedRequest request in requests)
        {
            TraceRequest trace = request.Trace;
            int known = 0;
            while (known < trace.Blocks.Length && seen.Contains(trace.Blocks[known]))
            {
                known++;
            }

            seen.UnionWith(trace.Blocks);

            // The last block is computed even so: a token must come out.
            hits += Math.Min(known * config.TraceBlockSize, (trace.InputLength - 1) / config.Machine.BlockSize * config.Machine.BlockSize);
            tokens += trace.InputLength;
        }

        return hits / (double)tokens;
    }
}
