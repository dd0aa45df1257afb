using System.CommandLine;

namespace Dynamo.Benchmarks.Serving;

/// <summary>The <c>serving</c> command.</summary>
internal static class ServingCommand
{
    private const int Cancelled = 130;

    public static Command Create()
    {
        Option<string?> program = new("--program")
        {
            Description = "The dynamo program; unless given, what 'deploy/dynamo --version' or a Release build of src/Dynamo.Cli left in this checkout.",
        };
        Option<string?> model = new("--model") { Description = "Model folder of the mockers; unless given, deploy/models/demo." };
        Option<int> workers = new("--workers") { Description = "Mockers of the loads.", DefaultValueFactory = _ => 2 };
        Option<int> rounds = new("--rounds") { Description = "Rounds; each runs every cell once, and nginx behind it.", DefaultValueFactory = _ => 3 };
        Option<int> starts = new("--starts") { Description = "Clusters of a frontend and a mocker that are started and asked once.", DefaultValueFactory = _ => 3 };
        Option<int> idle = new("--idle-seconds") { Description = "Seconds in which nothing is asked and CPU time is counted; 0 leaves it out.", DefaultValueFactory = _ => 60 };
        Option<int> settle = new("--settle-seconds") { Description = "Seconds of rest before those.", DefaultValueFactory = _ => 15 };
        Option<string[]> cells = new("--cells")
        {
            Description = $"Only these loads: {string.Join(", ", LoadCells.Names)}.",
            DefaultValueFactory = _ => [],
            AllowMultipleArgumentsPerToken = true,
        };
        cells.AcceptOnlyFromAmong([.. LoadCells.Names]);
        Option<double> scale = new("--scale") { Description = "Requests of a cell, as a multiple of the usual number.", DefaultValueFactory = _ => 1 };
        Option<bool> noNginx = new("--no-nginx") { Description = "Leave out nginx, and with it the ratios." };
        Option<int> seed = new("--seed") { Description = "Of all prompts.", DefaultValueFactory = _ => 1 };
        Option<string?> json = new("--json") { Description = "Also write all rows to this file." };
        Option<bool> requireBars = new("--require-bars") { Description = "End with code 2 when a bar is missed." };

        Command command = new(
            "serving",
            "Measure what a process, a request and a token cost: starts Redis, a frontend and mockers as processes, loads them over HTTP (paced and saturated streams, " +
            "short and long requests), and prints their CPU time by thread group, latencies, start, idle and memory, beside nginx that relays the same bytes. Every " +
            "answer is checked. Ends with code 1 when one is wrong.")
        {
            program, model, workers, rounds, starts, idle, settle, cells, scale, noNginx, seed, json, requireBars,
        };
        command.SetAction((parsed, cancellationToken) =>
        {
            ServingOptions options = new()
            {
                Program = parsed.GetValue(program),
                Model = parsed.GetValue(model),
                NumWorkers = InRange("--workers", parsed.GetValue(workers), 1, 16),
                NumRounds = InRange("--rounds", parsed.GetValue(rounds), 0, 100),
                NumStarts = InRange("--starts", parsed.GetValue(starts), 0, 100),
                IdleSeconds = InRange("--idle-seconds", parsed.GetValue(idle), 0, 3600),
                SettleSeconds = InRange("--settle-seconds", parsed.GetValue(settle), 0, 3600),
                Cells = parsed.GetRequiredValue(cells),
                Scale = parsed.GetValue(scale) is > 0 and <= 100 and double factor ? factor : throw new BenchmarkFault("--scale must be above 0 and at most 100."),
                WithoutNginx = parsed.GetValue(noNginx),
                Seed = parsed.GetValue(seed),
                JsonFile = parsed.GetValue(json),
                RequireBars = parsed.GetValue(requireBars),
            };

            // Threads wait in the kernel for sockets; Ctrl-C ends the program beside them, and what it started with it.
            return Task.Run(() =>
            {
                try
                {
                    return ServingBenchmark.Run(options, cancellationToken);
                }
                catch (OperationCanceledException)
                {
                    return Cancelled;
                }
            });
        });
        return command;
    }

    private static int InRange(string option, int value, int min, int max) =>
        value >= min && value <= max ? value : throw new BenchmarkFault($"{option} must be from {min} to {max}, is {value}.");
}
