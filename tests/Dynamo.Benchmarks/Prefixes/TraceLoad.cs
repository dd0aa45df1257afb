using Dynamo.Protocol.KV;
using Dynamo.Simulation.Traces;

namespace Dynamo.Benchmarks.Prefixes;

/// <summary>Makes a script from a recorded trace, run through again and again with other names until there is enough of it.</summary>
/// <remarks>A request goes where at least half of its prompt is, else to the next worker in turn.</remarks>
internal static class TraceLoad
{
    private const int NumWorkers = 8;
    private const int BlockSize = 64;
    private const int TraceBlockSize = 512;
    private const long MaxStored = 12_000_000;
    private const long MaxLookedUp = 96_000_000;

    /// <summary>The traces in a folder that has <c>data/traces</c>.</summary>
    /// <exception cref="BenchmarkFault">One is missing or damaged.</exception>
    public static IEnumerable<ReplayScript> Make(string shared)
    {
        (string Name, string File)[] traces =
        [
            ("conversation trace", "mooncake/conversation_trace.jsonl.gz"), ("agentic trace", "agentic/open_loop_150.jsonl.gz"),
        ];
        foreach ((string name, string file) in traces)
        {
            yield return Make(name, Read(Path.Combine(shared, "data", "traces", file)));
        }
    }

    private static IReadOnlyList<TraceRequest> Read(string path)
    {
        try
        {
            return TraceReader.Read(path, TraceBlockSize);
        }
        catch (TraceException e)
        {
            throw new BenchmarkFault(e.Message);
        }
    }

    private static ReplayScript Make(string name, IReadOnlyList<TraceRequest> requests)
    {
        FleetRecorder fleet = new(NumWorkers, ReplayScript.BlocksPerWorker);
        int numFill = 0;
        int turn = 0;
        long stored = 0;
        long lookedUp = 0;
        for (int pass = 0; ; pass++)
        {
            for (int i = 0; i < requests.Count; i++)
            {
                if (numFill == 0 && fleet.IsFull)
                {
                    (numFill, stored, lookedUp) = (fleet.Ops.Count, fleet.NumStored, fleet.NumLookedUp);
                }

                if (numFill != 0 && (fleet.NumStored - stored >= MaxStored || fleet.NumLookedUp - lookedUp >= MaxLookedUp))
                {
                    return new ReplayScript(name, NumWorkers, fleet.Ops.ToArray(), numFill);
                }

                Play(fleet, requests[i], i, pass, ref turn);
            }
        }
    }

    private static void Play(FleetRecorder fleet, TraceRequest request, int index, int pass, ref int turn)
    {
        BlockKey[] prompt = PromptBlocks.KeysOf(request, index, BlockSize, TraceBlockSize);
        if (prompt.Length == 0)
        {
            return;
        }

        BlockKey[] all = new BlockKey[(request.InputLength + request.OutputLength) / BlockSize];
        ulong name = PrefixKeys.At(pass, 0).Value;
        for (int i = 0; i < all.Length; i++)
        {
            all[i] = new BlockKey((i < prompt.Length ? prompt[i] : PromptBlocks.OwnKey(index, i)).Value ^ name);
        }

        prompt = all[..prompt.Length];
        int best = 0;
        int most = -1;
        for (int worker = 0; worker < fleet.NumWorkers; worker++)
        {
            int known = fleet.Known(worker, prompt);
            (best, most) = known > most ? (worker, known) : (best, most);
        }

        fleet.Request(2 * most >= prompt.Length ? best : turn++ % fleet.NumWorkers, prompt, all);
    }
}
