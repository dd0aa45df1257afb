using System.CommandLine;
using System.Globalization;
using Dynamo.Simulation.Configuration;

namespace Dynamo.Cli.Simulate;

/// <summary>What a real cluster has and a simulated one need not: slow workers, late news, clients that leave.</summary>
internal sealed class TroubleFlags
{
    private const double MostDelay = 60_000;

    private readonly Option<string?> _speeds = new("--worker-speed")
    {
        Description = "How fast each worker is beside the others, as 1,1,0.5: as many numbers as workers, prefill before decode workers, each 0.01 to 100.",
    };
    private readonly Option<double> _reportDelay = Number("--report-delay-ms", "How late the router hears of steps, first tokens and ends, up to 60000.");
    private readonly Option<double> _eventDelay = Number("--event-delay-ms", "How late the router hears of KV blocks, up to 60000.");
    private readonly Option<double> _cancelRate = Number("--cancel-rate", "Share of the requests of several tokens whose clients leave after a random one of them, 0 to 1.");

    /// <summary>All of them, for a command's list.</summary>
    public IEnumerable<Option> All => [_speeds, _reportDelay, _eventDelay, _cancelRate];

    /// <summary>Reads and checks what was given.</summary>
    /// <param name="parsed">The command line.</param>
    /// <param name="config">Everything else.</param>
    /// <param name="faults">Gets everything that is wrong.</param>
    public SimulationConfig Read(ParseResult parsed, SimulationConfig config, List<string> faults)
    {
        CheckRange(_reportDelay, MostDelay);
        CheckRange(_eventDelay, MostDelay);
        CheckRange(_cancelRate, 1);
        return config with
        {
            WorkerSpeeds = Speeds(parsed.GetValue(_speeds), config.NumWorkers, faults),
            ReportDelayMilliseconds = parsed.GetValue(_reportDelay),
            EventDelayMilliseconds = parsed.GetValue(_eventDelay),
            CancelRate = parsed.GetValue(_cancelRate),
        };

        void CheckRange(Option<double> option, double high)
        {
            double value = parsed.GetValue(option);
            if (!(value >= 0 && value <= high))
            {
                faults.Add(string.Create(CultureInfo.InvariantCulture, $"{option.Name} must be 0 to {high}, is {value}."));
            }
        }
    }

    private IReadOnlyList<double> Speeds(string? text, int numWorkers, List<string> faults)
    {
        if (text is null)
        {
            return [];
        }

        string[] parts = text.Split(',');
        double[] speeds = new double[parts.Length];
        for (int i = 0; i < parts.Length; i++)
        {
            if (!double.TryParse(parts[i], NumberStyles.Float, CultureInfo.InvariantCulture, out speeds[i]) || !(speeds[i] >= 0.01 && speeds[i] <= 100))
            {
                faults.Add($"{_speeds.Name} takes numbers of 0.01 to 100, has '{parts[i]}'.");
            }
        }

        if (parts.Length != numWorkers)
        {
            faults.Add($"{_speeds.Name} needs a number for each of the {numWorkers} workers, has {parts.Length}.");
        }

        return speeds;
    }

    private static Option<double> Number(string name, string description) => new(name) { Description = description };
}
