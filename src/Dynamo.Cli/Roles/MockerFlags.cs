using System.CommandLine;
using System.Globalization;
using Dynamo.Cli.Input;
using Dynamo.Engine.Configuration;
using Dynamo.Engine.Execution;
using Dynamo.Engine.Mock;
using Dynamo.Protocol.Models;
using Dynamo.Worker.Engines;

namespace Dynamo.Cli.Roles;

/// <summary>The flags of <c>dynamo mocker</c>, under the names and with the defaults of Dynamo's. To add one: a property here, a line in <see cref="All"/>, a line in a reader.</summary>
internal sealed class MockerFlags
{
    private readonly Option<string> _modelPath = new("--model-path", "--model")
    {
        Description = "Model folder in hub layout; config.json and tokenizer.json are enough.",
        Required = true,
    };
    private readonly Option<string[]> _modelNames = new("--model-name", "--served-model-name")
    {
        Description = "Names that clients use, the first of them in answers and metrics; unless given, the folder's name, or organisation/model for a snapshot in a hub cache.",
        Arity = ArgumentArity.OneOrMore,
        AllowMultipleArgumentsPerToken = true,
    };
    private readonly Option<int> _numWorkers = new("--num-workers")
    {
        Description = "Workers of this process, 1 to 1024: each has a scheduler, KV blocks and a thread of its own.",
        DefaultValueFactory = _ => 1,
    };
    private readonly Option<double> _speedup = Ratio("--speedup-ratio", "How much faster than the simulated GPU steps are, 0.01 to 1e9; 1e9 means no waiting.");
    private readonly Option<double> _decodeSpeedup = Ratio("--decode-speedup-ratio", "How much faster decoding alone is, besides --speedup-ratio, 0.01 to 1e9.");
    private readonly Option<double> _startupTime = new("--startup-time") { Description = "Seconds that loading lasts, 0 to 3600.", DefaultValueFactory = _ => 0 };
    private readonly Option<string?> _maxModelLength = new("--max-model-len")
    {
        Description = "Longest sequence in tokens, prompt and output, up to 16777216; without weights it may be more than the model's own limit, which holds unless given, or what the KV cache holds.",
    };
    private readonly Option<int> _maxNumSequences = new("--max-num-seqs") { Description = "Most sequences of a step, 1 to 4096.", DefaultValueFactory = _ => 256 };
    private readonly Option<string> _maxBatchedTokens = new("--max-num-batched-tokens")
    {
        Description = "Token budget of a step, 1 to 1048576 and at least --max-num-seqs.",
        DefaultValueFactory = _ => "8192",
    };
    private readonly Option<int> _blockSize = new("--block-size") { Description = "Tokens of a KV block: 8, 16, 32, 64, 128 or 256.", DefaultValueFactory = _ => 64 };
    private readonly Option<int> _numBlocks = new("--num-gpu-blocks-override") { Description = "KV blocks, 1 to 16777216.", DefaultValueFactory = _ => 16384 };
    private readonly Option<bool> _enablePrefixCaching = new("--enable-prefix-caching")
    {
        Description = "Reuse the KV blocks of equal prefixes (true or false).",
        DefaultValueFactory = _ => true,
    };

    /// <summary>All of them, for a command's list.</summary>
    public IEnumerable<Option> All =>
    [
        _modelPath, _modelNames, _numWorkers, _speedup, _decodeSpeedup, _startupTime, _maxModelLength, _maxNumSequences, _maxBatchedTokens, _blockSize, _numBlocks,
        _enablePrefixCaching,
    ];

    /// <summary>Reads and checks what is served.</summary>
    /// <exception cref="CommandFault">Some of what was given cannot be; the message lists every fault.</exception>
    public WorkerOptions ReadWorker(ParseResult parsed)
    {
        string path = parsed.GetRequiredValue(_modelPath);
        List<string> faults = [];
        (string name, string[] aliases) = ServedNames.Read(_modelNames.Name, parsed.GetValue(_modelNames) ?? [], path, faults);
        WorkerOptions options = new()
        {
            Model = name,
            Aliases = aliases,
            Load = new ModelLoadOptions { ModelPath = path },
            NumGpus = parsed.GetValue(_numWorkers),
            MaxModelLength = TokenCount.ReadOrAuto(_maxModelLength.Name, parsed.GetValue(_maxModelLength), faults),
            MaxNumSequences = parsed.GetValue(_maxNumSequences),
            MaxBatchedTokens = TokenCount.Read(_maxBatchedTokens.Name, parsed.GetRequiredValue(_maxBatchedTokens), faults),
            BlockSize = parsed.GetValue(_blockSize),
            NumBlocks = parsed.GetValue(_numBlocks),
            EnablePrefixCaching = parsed.GetValue(_enablePrefixCaching),
        };
        if (!Directory.Exists(path))
        {
            faults.Add($"--model-path {path}: there is no such folder (models are not downloaded; give a local folder).");
        }

        if (options.NumGpus is < 1 or > 1024)
        {
            faults.Add($"--num-workers must be 1 to 1024, is {options.NumGpus}.");
        }

        CheckRange(_speedup, 0.01, 1e9);
        CheckRange(_decodeSpeedup, 0.01, 1e9);
        CheckRange(_startupTime, 0, 3600);
        if (options.MaxModelLength > 1 << 24)
        {
            faults.Add($"{_maxModelLength.Name} must be at most {1 << 24}, is {options.MaxModelLength}.");
        }

        faults.AddRange(EngineConfigValidator.Faults(options.EngineConfig(default, 0)).Select(FlagNames.In));
        return faults.Count == 0 ? options : throw new CommandFault(string.Join(" ", faults));

        void CheckRange(Option<double> option, double low, double high)
        {
            double value = parsed.GetValue(option);
            if (!(value >= low && value <= high))
            {
                faults.Add(string.Create(CultureInfo.InvariantCulture, $"{option.Name} must be {low} to {high}, is {value}."));
            }
        }
    }

    /// <summary>Reads the model's shape from its folder, and how long its steps last. Call it after <see cref="ReadWorker"/>, which checks the flags.</summary>
    /// <exception cref="ModelFolderException">The folder lacks config.json or tokenizer.json, or one is damaged.</exception>
    public IModelRunnerFactory ReadRunners(ParseResult parsed)
    {
        MockModelConfig model = ReadModel(parsed);
        StepTiming timing = new() { SpeedupRatio = parsed.GetValue(_speedup), DecodeSpeedupRatio = parsed.GetValue(_decodeSpeedup) };
        return new TimedModelRunnerFactory(new MockModelRunnerFactory(model), timing, new MonotonicStepClock(), TimeSpan.FromSeconds(parsed.GetValue(_startupTime)));
    }

    /// <summary>Reads the model's shape; where no weights are, positions that it was not trained for are none the worse.</summary>
    /// <exception cref="ModelFolderException">See <see cref="ReadRunners"/>.</exception>
    internal MockModelConfig ReadModel(ParseResult parsed)
    {
        MockModelConfig model = MockModelReader.Read(new ModelFolder(parsed.GetRequiredValue(_modelPath)));
        return model with { MaxPositions = Math.Max(model.MaxPositions, TokenCount.ReadOrAuto(_maxModelLength.Name, parsed.GetValue(_maxModelLength), []) ?? 0) };
    }

    private static Option<double> Ratio(string name, string description) => new(name) { Description = description, DefaultValueFactory = _ => 1 };
}
