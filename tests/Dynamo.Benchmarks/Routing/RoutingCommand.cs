using System.CommandLine;
using Dynamo.Routing.Configuration;
using Dynamo.Simulation;
using Dynamo.Simulation.Configuration;
using Dynamo.Simulation.Reports;
using Dynamo.Simulation.Traces;

namespace Dynamo.Benchmarks.Routing;

/// <summary><c>benchmarks routing</c>: the router against the figures of Dynamo's simulator, at every load for which there are some.</summary>
internal static class RoutingCommand
{
    public static Command Create()
    {
        Option<string> shared = new("--shared") { Description = "Folder with peers/dynamo-simulator and data/traces.", Required = true };
        Option<string> table = new("--table")
        {
            Description = "kv: our router against the best of theirs; machine: round-robin on both; cost: Dynamo's cost in our router against their rows.",
            DefaultValueFactory = _ => "kv",
        };
        Option<bool> own = new("--own") { Description = "Simulate this project's engine instead of theirs." };
        Option<string> only = new("--load") { Description = "Only loads whose name has this in it.", DefaultValueFactory = _ => "" };
        Option<int> seeds = new("--seeds") { Description = "Runs of each, with different chance; figures are means.", DefaultValueFactory = _ => 1 };
        Command command = new("routing", "Simulates our router on the loads for which there are figures of Dynamo's simulator and prints the ratios, ours to theirs.") { shared, table, own, only, seeds };
        command.SetAction(parsed =>
        {
            string folder = parsed.GetRequiredValue(shared);
            if (!Directory.Exists(Path.Combine(folder, "peers", "dynamo-simulator")))
            {
                throw new BenchmarkFault($"--shared {folder} has no peers/dynamo-simulator.");
            }

            Bench bench = new(parsed.GetValue(own) ? EngineModel.Own : EngineModel.Dynamo, Math.Max(1, parsed.GetValue(seeds)));
            Action<PeerLoad> row = parsed.GetValue(table) switch
            {
                "kv" => bench.KV,
                "machine" => bench.Machine,
                "cost" => bench.Cost,
                string other => throw new BenchmarkFault($"--table must be kv, machine or cost, is {other}."),
                null => bench.KV,
            };
            try
            {
                foreach (PeerLoad load in PeerLoad.ReadAll(folder).Where(load => load.Name.Contains(parsed.GetValue(only)!, StringComparison.Ordinal)))
                {
                    row(load);
                }
            }
            catch (TraceException e)
            {
                throw new BenchmarkFault(e.Message);
            }
        });
        return command;
    }

    private sealed class Bench(EngineModel engine, int numSeeds)
    {
        private static readonly (string Router, DynamoCostOptions Options)[] Costs =
        [
            ("kv as shipped", new DynamoCostOptions()),
            ("kv prefill x4", new DynamoCostOptions { PrefillLoadScale = 4 }),
            ("kv prefill x16", new DynamoCostOptions { PrefillLoadScale = 16 }),
            ("kv overlap 0 (load only)", new DynamoCostOptions { OverlapScoreCredit = 0 }),
        ];

        private const string CompareHead = "| load, router | mean TTFT | of single runs | p99 TTFT | mean TPOT | mean end to end | reuse (theirs) |";

        private bool _hasHead;

        /// <summary>Mean TTFT and p99 to the best of the peer's kv rows, TPOT to its best row.</summary>
        public void KV(PeerLoad load)
        {
            Head("| load | mean TTFT, ms | to the best | p99 TTFT | TPOT | reuse (best) | held |");
            SimulationReport[] reports = Run(load, new RouterOptions { BlockSize = 64 });
            double ttft = reports.Average(static report => report.MeanTtft);
            Console.WriteLine(
                $"| {load.Name} | {ttft:F0} | {ttft / load.LeastOfKV("mean_ttft_ms"):F3} "
                + $"| {reports.Average(static report => report.P99Ttft) / load.LeastOfKV("p99_ttft_ms"):F3} "
                + $"| {reports.Average(static report => report.MeanTpot) / load.Least("mean_tpot_ms"):F3} "
                + $"| {reports.Average(static report => report.PrefixCacheReusedRatio):F3} ({load.Rows.Values.Max(static row => row.GetProperty("prefix_cache_reused_ratio").GetDouble()):F3}) "
                + $"| {reports.Average(static report => report.HeldRequests):F0} |");
        }

        /// <summary>Round-robin on both machines.</summary>
        public void Machine(PeerLoad load)
        {
            Head(CompareHead);
            Compare(load, load.Name, "round-robin", new RouterOptions { BlockSize = 64, Mode = RouterMode.RoundRobin });
        }

        /// <summary>Dynamo's cost in our router against its rows.</summary>
        public void Cost(PeerLoad load)
        {
            Head(CompareHead);
            foreach ((string router, DynamoCostOptions options) in Costs)
            {
                Compare(load, $"{load.Name}, {router}", router, new RouterOptions { BlockSize = 64, Cost = RouterCost.Dynamo, Dynamo = options, Hold = null, PredictOnRoute = false });
            }
        }

        private void Compare(PeerLoad load, string name, string router, RouterOptions options)
        {
            SimulationReport[] reports = Run(load, options);
            double theirs = load.Rows[router].GetProperty("mean_ttft_ms").GetDouble();
            Console.WriteLine(
                $"| {name} | {Ratio("mean_ttft_ms", static report => report.MeanTtft):F3} "
                + $"| {reports.Min(static report => report.MeanTtft) / theirs:F3} to {reports.Max(static report => report.MeanTtft) / theirs:F3} | {Ratio("p99_ttft_ms", static report => report.P99Ttft):F3} "
                + $"| {Ratio("mean_tpot_ms", static report => report.MeanTpot):F3} | {Ratio("mean_e2e_latency_ms", static report => report.MeanE2e):F3} "
                + $"| {reports.Average(static report => report.PrefixCacheReusedRatio):F3} ({load.Rows[router].GetProperty("prefix_cache_reused_ratio").GetDouble():F3}) |");

            double Ratio(string figure, Func<SimulationReport, double> ours) => reports.Average(ours) / load.Rows[router].GetProperty(figure).GetDouble();
        }

        private SimulationReport[] Run(PeerLoad load, RouterOptions router)
        {
            SimulationReport[] reports = new SimulationReport[numSeeds];
            for (int seed = 0; seed < numSeeds; seed++)
            {
                SimulationConfig config = new()
                {
                    NumWorkers = load.NumWorkers,
                    EngineModel = engine,
                    Router = router,
                    Speed = load.Speed ?? 1,
                    Concurrency = load.Concurrency,
                    Seed = seed,
                };
                reports[seed] = SimulationReport.Of("", config, Simulator.Run(load.Trace, config));
            }

            return reports;
        }

        private void Head(string head)
        {
            if (!_hasHead)
            {
                _hasHead = true;
                Console.WriteLine(head);
                Console.WriteLine(string.Concat(head.Where(static c => c == '|').Skip(1).Select(static _ => "|---")) + "|");
            }
        }
    }
}
