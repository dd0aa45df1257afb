using System.CommandLine;
using Dynamo.Cli.Input;
using Dynamo.Engine.Configuration;
using Dynamo.Engine.Execution;
using Dynamo.Worker.Engines;

namespace Dynamo.Cli.Roles;

/// <summary>The flags that describe a worker's model and engine, under vLLM's names. To add one: a property here, a line in <see cref="All"/>, a line in <see cref="Read"/>.</summary>
internal sealed class EngineFlags
{
    private const string NamesFlag = "--served-model-name";

    private static readonly WorkerOptions Defaults = new() { Model = "", Load = new ModelLoadOptions { ModelPath = "" } };

    private readonly Argument<string[]> _words = new("model")
    {
        Description = $"Model folder, unless --model gives it, and further names for it, as with {NamesFlag}.",
        Arity = ArgumentArity.ZeroOrMore,
    };
    private readonly Option<string?> _model = new("--model") { Description = "Model folder in hub layout: config.json, safetensors, tokenizer.json." };
    private readonly Option<string[]> _servedModelNames = new(NamesFlag)
    {
        Description = "Names that clients use, the first of them in answers and metrics; unless given, the folder's name, or organisation/model for a snapshot in a hub cache.",
        Arity = ArgumentArity.OneOrMore,
        AllowMultipleArgumentsPerToken = true,
    };
    private readonly ChatTemplateFlag _chatTemplate = new();
    private readonly Option<string> _dtype = new("--dtype")
    {
        Description = "auto (the checkpoint's), bfloat16 or float32 (float); float16 (half) is computed in bfloat16, also where auto finds it.",
        DefaultValueFactory = _ => Defaults.Load.DType,
    };
    private readonly Option<string?> _maxModelLength = new("--max-model-len")
    {
        Description = "Longest sequence in tokens, prompt and output, for example 8192, 8k or 8K; unless given (auto), the model's own limit, or what the KV cache holds.",
    };
    private readonly Option<int> _maxNumSequences = new("--max-num-seqs") { Description = "Most sequences of a step, 1 to 4096.", DefaultValueFactory = _ => Defaults.MaxNumSequences };
    private readonly Option<string> _maxBatchedTokens = new("--max-num-batched-tokens")
    {
        Description = "Token budget of a step, 1 to 1048576 and at least --max-num-seqs.",
        DefaultValueFactory = _ => $"{Defaults.MaxBatchedTokens}",
    };
    private readonly Option<int> _blockSize = new("--block-size") { Description = "Tokens of a KV block: 8, 16, 32, 64, 128 or 256.", DefaultValueFactory = _ => Defaults.BlockSize };
    private readonly Option<int?> _numBlocks = new("--num-gpu-blocks-override") { Description = "KV blocks; unless given, as many as --kv-cache-memory holds." };
    private readonly Option<string?> _kvCacheMemory = new("--kv-cache-memory")
    {
        Description = "Memory of the KV cache, in bytes or as 512M or 4G; unless given, half of what is free, which workers that start together on one host divide.",
    };
    private readonly Option<bool> _enablePrefixCaching = new("--enable-prefix-caching")
    {
        Description = "Reuse the KV blocks of equal prefixes (true or false).",
        DefaultValueFactory = _ => Defaults.EnablePrefixCaching,
    };
    private readonly Option<bool> _enforceEager = new("--enforce-eager") { Description = "No captured graphs on CUDA; no effect on CPU." };
    private readonly Option<int?> _numThreads = new("--num-threads") { Description = "Threads of the kernels on CPU, 1 to 1024, whatever else runs here; unless given, the workers of this host share its cores." };

    private readonly Option<double> _drainTimeout = new("--drain-timeout")
    {
        Description = "Seconds that running requests may finish when the worker leaves (SIGTERM or drain), before they go on at other workers; 0 to 3600.",
        DefaultValueFactory = _ => Defaults.DrainGrace.TotalSeconds,
    };

    /// <summary>What stands without a flag, for a command's list.</summary>
    public Argument Words => _words;

    /// <summary>All of them, for a command's list.</summary>
    public IEnumerable<Option> All =>
    [
        _model, _servedModelNames, _chatTemplate.Option, _dtype, _maxModelLength, _maxNumSequences, _maxBatchedTokens, _blockSize, _numBlocks, _kvCacheMemory, _enablePrefixCaching, _enforceEager,
        _numThreads, _drainTimeout,
    ];

    /// <summary>Reads and checks what was given.</summary>
    /// <exception cref="CommandFault">Some of it cannot be; the message lists every fault.</exception>
    public WorkerOptions Read(ParseResult parsed)
    {
        string[] words = parsed.GetValue(_words) ?? [];
        string? model = parsed.GetValue(_model);
        string path = model ?? (words.Length > 0 ? words[0] : throw new CommandFault("a model folder is missing; give it as the first word, or with --model."));
        List<string> faults = [];
        (string name, string[] aliases) = ServedNames.Read(
            NamesFlag, [.. parsed.GetValue(_servedModelNames) ?? [], .. words.Skip(model is null ? 1 : 0)], path, faults);
        WorkerOptions options = new()
        {
            Model = name,
            Aliases = aliases,
            ChatTemplate = _chatTemplate.Read(parsed, faults),
            Load = new ModelLoadOptions
            {
                ModelPath = path,
                DType = DType(parsed.GetRequiredValue(_dtype)),
                NumThreads = parsed.GetValue(_numThreads),
                EnforceEager = parsed.GetValue(_enforceEager),
            },
            MaxModelLength = TokenCount.ReadOrAuto(_maxModelLength.Name, parsed.GetValue(_maxModelLength), faults),
            MaxNumSequences = parsed.GetValue(_maxNumSequences),
            MaxBatchedTokens = TokenCount.Read(_maxBatchedTokens.Name, parsed.GetRequiredValue(_maxBatchedTokens), faults),
            BlockSize = parsed.GetValue(_blockSize),
            NumBlocks = parsed.GetValue(_numBlocks),
            KVCacheBytes = parsed.GetValue(_kvCacheMemory) is { } memory ? ByteSize.Parse("--kv-cache-memory", memory) : null,
            EnablePrefixCaching = parsed.GetValue(_enablePrefixCaching),
        };
        faults.AddRange(Faults(options));
        double drainTimeout = parsed.GetValue(_drainTimeout);
        if (drainTimeout is >= 0 and <= 3600)
        {
            options = options with { DrainGrace = TimeSpan.FromSeconds(drainTimeout) };
        }
        else
        {
            faults.Add($"--drain-timeout must be 0 to 3600 seconds, is {drainTimeout}.");
        }

        return faults.Count == 0 ? options : throw new CommandFault(string.Join(" ", faults));
    }

    // vLLM's other names. The kernels have no float16; its numbers fit bfloat16 but for their last bits.
    private static string DType(string given) => given switch
    {
        "half" or "float16" => "bfloat16",
        "float" => "float32",
        _ => given,
    };

    private static List<string> Faults(WorkerOptions options)
    {
        List<string> faults = [];
        if (!Directory.Exists(options.Load.ModelPath))
        {
            faults.Add($"--model {options.Load.ModelPath}: there is no such folder (models are not downloaded; give a local folder).");
        }

        if (options.Load.DType is not ("auto" or "bfloat16" or "float32"))
        {
            faults.Add($"--dtype must be auto, bfloat16 or float32, is '{options.Load.DType}'.");
        }

        if (options.Load.NumThreads is < 1 or > 1024)
        {
            faults.Add($"--num-threads must be 1 to 1024, is {options.Load.NumThreads}.");
        }

        faults.AddRange(EngineConfigValidator.Faults(options.EngineConfig(default, 0)).Select(FlagNames.In));
        return faults;
    }
}
