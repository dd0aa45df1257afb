using System.CommandLine;

namespace Dynamo.Benchmarks.Decisions;

/// <summary>The <c>decisions</c> command.</summary>
internal static class DecisionsCommand
{
    public static Command Create()
    {
        Option<int[]> workers = new("--workers")
        {
            Description = "Sizes of the fleets.",
            DefaultValueFactory = _ => [8, 128, 1000],
            AllowMultipleArgumentsPerToken = true,
        };
        Option<int> rounds = new("--rounds") { Description = "Rounds; in each, every router decides a batch, one after the other.", DefaultValueFactory = _ => 7 };
        Option<int> decisions = new("--decisions") { Description = "Decisions of a batch.", DefaultValueFactory = _ => 500 };
        Option<bool> noGrain = new("--no-grain") { Description = "Leave out the calls of the router's grain." };
        Option<int> seed = new("--seed") { Description = "Of all that is random.", DefaultValueFactory = _ => 1 };
        Option<string?> json = new("--json") { Description = "Also write all rows to this file." };
        Option<bool> requireBars = new("--require-bars") { Description = "End with code 2 when a bar is missed." };

        Command command = new(
            "decisions",
            "Measure what it costs to decide where a request goes, by the number of workers: kv with both costs, and round-robin, in turns; every decision is " +
            "checked against a plain count of the blocks that each worker holds. Then the same asked of the router's grain, on the caller's silo and on " +
            "another one over TCP. Ends with code 1 when a decision is wrong.")
        {
            workers, rounds, decisions, noGrain, seed, json, requireBars,
        };
        command.SetAction((parsed, _) => DecisionsBenchmark.RunAsync(new DecisionsOptions
        {
            Workers = [.. parsed.GetRequiredValue(workers).Select(static count => InRange("--workers", count, 2, 10_000))],
            NumRounds = InRange("--rounds", parsed.GetValue(rounds), 1, 1000),
            NumDecisions = InRange("--decisions", parsed.GetValue(decisions), 100, 100_000),
            HasGrain = !parsed.GetValue(noGrain),
            Seed = parsed.GetValue(seed),
            JsonFile = parsed.GetValue(json),
            RequireBars = parsed.GetValue(requireBars),
        }));
        return command;
    }

    private static int InRange(string option, int value, int min, int max) =>
        value >= min && value <= max ? value : throw new BenchmarkFault($"{option} must be from {min} to {max}, is {value}.");
}
