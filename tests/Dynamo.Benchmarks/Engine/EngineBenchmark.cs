using Dynamo.Benchmarks.Llama;
using Dynamo.Benchmarks.Models;
using Dynamo.Benchmarks.Probes;

namespace Dynamo.Benchmarks.Engine;

/// <summary>Our engine, the machine's limits and llama.cpp in one run.</summary>
internal static class EngineBenchmark
{
    /// <summary>Runs it and prints the report.</summary>
    /// <returns>0; 1 when a check failed, 2 when a bar that was required is missed.</returns>
    public static async Task<int> RunAsync(EngineOptions options)
    {
        TextWriter output = Console.Out;
        string? library = options.LlamaPath is null ? null : LlamaFinder.Find(options.LlamaPath);
        ModelCache cache = new(options.CacheFolder);
        await using OurEngine ours = new(cache.HubFolder(), options.NumThreads);
        await ours.StartAsync();
        using LlamaProcess? llama = library is null ? null : new(new LlamaOptions(library, cache.GgufFile(), options.NumThreads, options.LlamaCacheType));
        using MachineProbes probes = new(options.NumThreads, ours.MultipliesBFloat16);

        output.WriteLine($"ours: {ours.NumericsClass}, {options.NumThreads} threads");
        output.WriteLine(llama is null ? LlamaFinder.Help : $"llama.cpp: {library}, {options.NumThreads} threads\n{llama.Description}");
        output.WriteLine($"decode: {Workload.PromptLength} prompt tokens, {Workload.NumDecodeSteps} steps timed; prefill: {Workload.PrefillLength} tokens; greedy");
        bool isSame = new Oracle(ours, llama, output).Run();

        Rounds rounds = new(ours, llama, probes);
        rounds.WarmUp();
        for (int i = 0; i < options.NumRounds; i++)
        {
            Console.Error.WriteLine($"round {i + 1} of {options.NumRounds}");
            rounds.Run(i);
        }

        EngineReport report = new(rounds, ours.Allocations, llama?.Description);
        report.Print(output);
        if (options.JsonFile is not null)
        {
            report.Write(options.JsonFile);
        }

        if (!isSame || !ours.Allocations.Holds)
        {
            output.WriteLine(isSame ? "FAILED: a decode step allocated managed memory" : "FAILED: see the checks above");
            return 1;
        }

        return options.RequireBars && rounds.Series.Any(static series => series.ReachesBar == false) ? 2 : 0;
    }
}
