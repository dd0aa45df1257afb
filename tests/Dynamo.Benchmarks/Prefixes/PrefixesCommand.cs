using System.CommandLine;

namespace Dynamo.Benchmarks.Prefixes;

/// <summary>The <c>prefixes</c> command.</summary>
internal static class PrefixesCommand
{
    private const int MaxSize = 20_000_000;

    public static Command Create()
    {
        Option<int[]> sizes = new("--sizes")
        {
            Description = "Distinct blocks of the lookup and memory cells.",
            DefaultValueFactory = _ => [10_000, 1_000_000, 10_000_000],
            AllowMultipleArgumentsPerToken = true,
        };
        Option<long> fuzz = new("--fuzz")
        {
            Description = "Random operations checked against a dictionary of sets; 0 for none.",
            DefaultValueFactory = _ => 1_000_000,
        };
        Option<int> rounds = new("--rounds") { Description = "Parts the replay is cut into; every index runs every part.", DefaultValueFactory = _ => 7 };
        Option<int> seed = new("--seed") { Description = "Of all that is random.", DefaultValueFactory = _ => 1 };
        Option<string?> shared = new("--shared") { Description = "Folder with data/traces, to replay recorded traces, too." };
        Option<string?> json = new("--json") { Description = "Also write all rows to this file." };
        Option<bool> requireBars = new("--require-bars") { Description = "End with code 2 when a bar is missed." };

        Command command = new(
            "prefixes",
            "Measure the prefix index: a replay against a dictionary of sets and a tree of nodes, with every answer compared; lookups and bytes per block by " +
            "size, beside what memory costs at that moment. Ends with code 1 when an answer is wrong. Needs 4 GB of memory; the peers at 10 million blocks need more and are left out where it is not free.")
        {
            sizes, fuzz, rounds, seed, shared, json, requireBars,
        };
        command.SetAction((parsed, _) => Task.FromResult(PrefixesBenchmark.Run(new PrefixesOptions
        {
            Sizes = [.. parsed.GetRequiredValue(sizes).Select(static size => (int)InRange("--sizes", size, 4096, MaxSize))],
            NumFuzz = InRange("--fuzz", parsed.GetValue(fuzz), 0, long.MaxValue),
            NumRounds = (int)InRange("--rounds", parsed.GetValue(rounds), 1, 1000),
            Seed = parsed.GetValue(seed),
            SharedFolder = parsed.GetValue(shared),
            JsonFile = parsed.GetValue(json),
            RequireBars = parsed.GetValue(requireBars),
        })));
        return command;
    }

    private static long InRange(string option, long value, long min, long max) =>
        value >= min && value <= max ? value : throw new BenchmarkFault($"{option} must be from {min} to {max}, is {value}.");
}
