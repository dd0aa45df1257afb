using System.CommandLine;
using System.Globalization;
using System.Numerics;
using Dynamo.Cli.Input;
using Dynamo.Cli.Routing;
using Dynamo.Simulation.Configuration;

namespace Dynamo.Cli.Simulate;

/// <summary>What <c>dynamo simulate</c> simulates. To add a flag: a property here, a line in <see cref="AddTo"/>, a line in <see cref="Read"/>.</summary>
internal sealed class SimulateFlags
{
    private readonly Argument<string> _trace = new("TRACE") { Description = "Request trace: Mooncake's .jsonl or Azure's .csv, plain or .gz." };
    private readonly Option<string> _engineModel = new("--engine-model")
    {
        Description = "own: this project's scheduler and KV blocks; dynamo: what NVIDIA Dynamo's offline simulator does, so that figures compare.",
        DefaultValueFactory = _ => "own",
    };
    private readonly Option<double?> _speed = new("--speed") { Description = "Open loop: how much faster than in the trace requests come, 0.001 to 1000; 1 unless given." };
    private readonly Option<int?> _concurrency = new("--concurrency")
    {
        Description = "Closed loop instead: requests under way at any time, 1 to 1000000; the trace's moments are not looked at.",
    };
    private readonly Option<int> _blockSize = Count("--block-size", "Tokens of a KV block: 8, 16, 32, 64, 128 or 256.", 64);
    private readonly Option<int> _numBlocks = Count("--num-gpu-blocks-override", "KV blocks of a worker, 1 to 16777216.", 16384);
    private readonly Option<int> _traceBlockSize = Count("--trace-block-size", "Tokens of a block of the trace, a multiple of --block-size.", 512);
    private readonly Option<int> _maxNumSequences = Count("--max-num-seqs", "Most sequences of a step, 1 to 4096.", 256);
    private readonly Option<int> _maxBatchedTokens = Count("--max-num-batched-tokens", "Token budget of a step, 1 to 1048576 and at least --max-num-seqs.", 8192);
    private readonly Option<int> _seed = Count("--seed", "Where chance comes from: the router's, and whose clients leave.", 0);
    private readonly Option<string?> _json = new("--json") { Description = "File for the figures as one JSON object, under the names that Dynamo's simulator gives them; - for standard output." };
    private readonly WorkerFlags _workers = new();
    private readonly TroubleFlags _trouble = new();
    private readonly RouterFlags _router = new(allowsDirect: false);

    public void AddTo(Command command)
    {
        command.Add(_trace);
        Option[] own = [_engineModel, _speed, _concurrency, _blockSize, _numBlocks, _traceBlockSize, _maxNumSequences, _maxBatchedTokens, _seed, _json];
        foreach (Option option in _workers.All.Concat(own).Concat(_trouble.All).Concat(_router.All))
        {
            command.Add(option);
        }
    }

    /// <summary>Reads and checks what was given.</summary>
    /// <exception cref="CommandFault">Some of it cannot be; the message lists every fault.</exception>
    public (string Trace, string? Json, SimulationConfig Config) Read(ParseResult parsed)
    {
        List<string> faults = [];
        string trace = parsed.GetRequiredValue(_trace);
        if (!File.Exists(trace))
        {
            faults.Add($"TRACE {trace}: there is no such file.");
        }

        if (JsonFile.Fault(parsed.GetValue(_json)) is { } unwritable)
        {
            faults.Add(unwritable);
        }

        CheckRange(_numBlocks, 1 << 24);
        CheckRange(_maxNumSequences, 4096);
        CheckRange(_maxBatchedTokens, 1 << 20);
        int blockSize = parsed.GetValue(_blockSize);
        if (!BitOperations.IsPow2(blockSize) || blockSize is < 8 or > 256)
        {
            faults.Add($"{_blockSize.Name} must be 8, 16, 32, 64, 128 or 256, is {blockSize}.");
            blockSize = 64;
        }

        int traceBlockSize = parsed.GetValue(_traceBlockSize);
        if (traceBlockSize < blockSize || traceBlockSize % blockSize != 0)
        {
            faults.Add($"{_traceBlockSize.Name} must be a multiple of {_blockSize.Name} {blockSize}, is {traceBlockSize}.");
        }

        if (parsed.GetValue(_maxBatchedTokens) < parsed.GetValue(_maxNumSequences))
        {
            faults.Add($"{_maxBatchedTokens.Name} must be at least {_maxNumSequences.Name} {parsed.GetValue(_maxNumSequences)}, is {parsed.GetValue(_maxBatchedTokens)}.");
        }

        EngineModel? model = parsed.GetValue(_engineModel) switch { "own" => EngineModel.Own, "dynamo" => EngineModel.Dynamo, _ => null };
        if (model is null)
        {
            faults.Add($"{_engineModel.Name} must be own or dynamo, is {parsed.GetValue(_engineModel)}.");
        }

        double? speed = parsed.GetValue(_speed);
        int? concurrency = parsed.GetValue(_concurrency);
        if (speed is not null && concurrency is not null)
        {
            faults.Add($"{_speed.Name} and {_concurrency.Name} exclude each other: open loop or closed.");
        }

        if (speed is { } ratio && !(ratio >= 0.001 && ratio <= 1000))
        {
            faults.Add(string.Create(CultureInfo.InvariantCulture, $"{_speed.Name} must be 0.001 to 1000, is {ratio}."));
        }

        if (concurrency is < 1 or > 1_000_000)
        {
            faults.Add($"{_concurrency.Name} must be 1 to 1000000, is {concurrency}.");
        }

        (int numWorkers, DisaggregationConfig? disaggregation) = _workers.Read(parsed, faults);
        SimulationConfig config = new()
        {
            NumWorkers = numWorkers,
            Disaggregation = disaggregation,
            EngineModel = model ?? EngineModel.Own,
            Machine = new MachineConfig
            {
                BlockSize = blockSize,
                NumBlocks = parsed.GetValue(_numBlocks),
                MaxNumSequences = parsed.GetValue(_maxNumSequences),
                MaxBatchedTokens = parsed.GetValue(_maxBatchedTokens),
            },
            Router = _router.Read(parsed, blockSize, faults),
            Speed = speed ?? 1,
            Concurrency = concurrency,
            TraceBlockSize = traceBlockSize,
            Seed = parsed.GetValue(_seed),
        };
        config = _trouble.Read(parsed, config, faults);
        return faults.Count == 0 ? (trace, parsed.GetValue(_json), config) : throw new CommandFault(string.Join(" ", faults));

        void CheckRange(Option<int> option, int high)
        {
            int value = parsed.GetValue(option);
            if (value < 1 || value > high)
            {
                faults.Add($"{option.Name} must be 1 to {high}, is {value}.");
            }
        }
    }

    private static Option<int> Count(string name, string description, int value) => new(name) { Description = description, DefaultValueFactory = _ => value };
}
