using System.CommandLine;
using Dynamo.Benchmarks.Llama;

namespace Dynamo.Benchmarks.Engine;

/// <summary>The <c>engine</c> command.</summary>
internal static class EngineCommand
{
    private const int TypeF16 = 1;

    public static Command Create()
    {
        Option<int> rounds = new("--rounds") { Description = "Rounds that count; each runs every cell once with both engines.", DefaultValueFactory = _ => 7 };
        Option<string?> llama = new("--llama")
        {
            Description = "llama.cpp for the CPU: libllama.so, or a folder above it, such as a build or the node_modules that has @node-llama-cpp/linux-x64.",
        };
        Option<string> llamaCache = new("--llama-kv") { Description = "Type of llama.cpp's KV cache; ours is bf16.", DefaultValueFactory = _ => "bf16" };
        llamaCache.AcceptOnlyFromAmong("bf16", "f16");
        Option<int> threads = new("--threads") { Description = "Threads of both engines.", DefaultValueFactory = _ => Environment.ProcessorCount };
        Option<string> cache = new("--cache")
        {
            Description = "Folder that keeps the random model between runs (1 GB).",
            DefaultValueFactory = _ => Path.Combine(Path.GetTempPath(), "dynamo-benchmarks"),
        };
        Option<string?> json = new("--json") { Description = "Also write everything, round by round, to this file." };
        Option<bool> requireBars = new("--require-bars") { Description = "End with code 2 when a ratio is below its bar." };

        Command command = new(
            "engine",
            "Measure decoding and prefill of a random Llama of 246M parameters (bfloat16), interleaved with probes of the machine and with llama.cpp on " +
            "the same weights. Ends with code 1 when the engines' logits differ, a batch changes a token, or a decode step allocates managed memory.")
        {
            rounds, llama, llamaCache, threads, cache, json, requireBars,
        };
        command.SetAction((parsed, _) => EngineBenchmark.RunAsync(new EngineOptions
        {
            NumRounds = AtLeastOne("--rounds", parsed.GetValue(rounds)),
            NumThreads = AtLeastOne("--threads", parsed.GetValue(threads)),
            LlamaPath = parsed.GetValue(llama),
            LlamaCacheType = parsed.GetValue(llamaCache) == "f16" ? TypeF16 : ContextParameters.TypeBF16,
            CacheFolder = Path.GetFullPath(parsed.GetRequiredValue(cache)),
            JsonFile = parsed.GetValue(json),
            RequireBars = parsed.GetValue(requireBars),
        }));
        return command;
    }

    private static int AtLeastOne(string option, int value) => value >= 1 ? value : throw new BenchmarkFault($"{option} must be at least 1, is {value}.");
}
