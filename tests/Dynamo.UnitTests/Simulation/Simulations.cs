using Dynamo.Routing.Configuration;
using Dynamo.Simulation;
using Dynamo.Simulation.Configuration;
using Dynamo.Simulation.Reports;
using Dynamo.Simulation.Traces;

namespace Dynamo.UnitTests.Simulation;

/// <summary>Small simulations, and what their steps take: prefill(n) = 4.209989e-7 n² + 0.01518344 n + 16.50142, decode(p) = -25.74 p² + 54.01 p + 5.74.</summary>
internal static class Simulations
{
    public static double Prefill(int tokens) => (4.209989e-7 * tokens * tokens) + (0.01518344 * tokens) + 16.50142;

    /// <param name="blocks">Blocks in use, of 1,000.</param>
    public static double Decode(int blocks)
    {
        double share = blocks / 1000.0;
        return (-25.74 * share * share) + (54.01 * share) + 5.74;
    }

    /// <summary>Workers of 1,000 blocks of 64 tokens.</summary>
    public static SimulationConfig Config(EngineModel model, int numWorkers = 1) => new()
    {
        NumWorkers = numWorkers,
        EngineModel = model,
        Machine = new MachineConfig { NumBlocks = 1000 },
        Router = new RouterOptions { BlockSize = 64 },
    };

    /// <summary>The same, some of them for prefill.</summary>
    public static SimulationConfig Apart(EngineModel model, int numPrefill = 1, int numDecode = 1) => Config(model, numPrefill + numDecode) with
    {
        Disaggregation = new DisaggregationConfig { NumPrefillWorkers = numPrefill },
    };

    public static SimulationResult Run(SimulationConfig config, params TraceRequest[] trace) => Simulator.Run(trace, config);

    /// <summary>Conversations of four turns, each behind the one before, that come close together.</summary>
    public static TraceRequest[] Conversations(int count) =>
    [
        .. Enumerable.Range(0, 4 * count).Select(i => new TraceRequest(i * 12, 300 + (512 * (i / count)), 4 + (i * 7 % 40), [.. Enumerable.Range(0, 1 + (i / count)).Select(turn => (long)((100 * (i % count)) + turn))])),
    ];

    /// <summary>All figures but those of real time.</summary>
    public static string Figures(SimulationConfig config, params TraceRequest[] trace) =>
        (SimulationReport.Of("", config, Run(config, trace)) with { WallTime = 0 }).ToJson();
}
