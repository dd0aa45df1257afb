using System.CommandLine;
using System.Globalization;
using Dynamo.Simulation.Configuration;

namespace Dynamo.Cli.Simulate;

/// <summary>How many workers are simulated, and whether prefill and decode are apart.</summary>
internal sealed class WorkerFlags
{
    private const int MostWorkers = 4096;

    private readonly Option<int?> _workers = new("--workers") { Description = "Workers that do both prefill and decode, 1 to 4096; 4 unless given." };
    private readonly Option<int?> _prefillWorkers = new("--prefill-workers") { Description = "Instead, with --decode-workers: workers that compute prompts." };
    private readonly Option<int?> _decodeWorkers = new("--decode-workers") { Description = "Workers that give the tokens after the first." };
    private readonly Option<double> _bandwidth = new("--kv-transfer-bandwidth")
    {
        Description = "How fast a prompt goes from a prefill to a decode worker, in 10^9 bytes a second, up to 100000; 0: in no time.",
        DefaultValueFactory = _ => new DisaggregationConfig { NumPrefillWorkers = 1 }.TransferGigabytesPerSecond,
    };
    private readonly Option<int> _bytesPerToken = new("--kv-bytes-per-token")
    {
        Description = "Bytes of a token's keys and values, 1 to 16777216: layers x 2 x KV heads x head size x bytes of a number.",
        DefaultValueFactory = _ => new DisaggregationConfig { NumPrefillWorkers = 1 }.KVBytesPerToken,
    };
    private readonly Option<bool> _conditional = new("--conditional-disagg")
    {
        Description = "Prompts of which fewer than 2048 tokens and less than 0.7 are missing at their decode worker are computed there (Dynamo's isl_bounding).",
    };

    /// <summary>All of them, for a command's list.</summary>
    public IEnumerable<Option> All => [_workers, _prefillWorkers, _decodeWorkers, _bandwidth, _bytesPerToken, _conditional];

    /// <summary>Reads and checks what was given.</summary>
    /// <param name="parsed">The command line.</param>
    /// <param name="faults">Gets everything that is wrong.</param>
    /// <returns>All workers; and, where they are apart, which prefill.</returns>
    public (int NumWorkers, DisaggregationConfig? Disaggregation) Read(ParseResult parsed, List<string> faults)
    {
        CheckRange(_workers, MostWorkers);
        CheckRange(_prefillWorkers, MostWorkers);
        CheckRange(_decodeWorkers, MostWorkers);
        (int? all, int? prefill, int? decode) = (parsed.GetValue(_workers), parsed.GetValue(_prefillWorkers), parsed.GetValue(_decodeWorkers));
        if (prefill is null && decode is null)
        {
            foreach (Option option in new Option[] { _bandwidth, _bytesPerToken, _conditional })
            {
                if (parsed.GetResult(option) is { Implicit: false })
                {
                    faults.Add($"{option.Name} needs {_prefillWorkers.Name} and {_decodeWorkers.Name}.");
                }
            }

            return (all ?? 4, null);
        }

        if (all is not null)
        {
            faults.Add($"{_workers.Name} excludes {_prefillWorkers.Name} and {_decodeWorkers.Name}: a worker does both or one of them.");
        }

        if (prefill is null || decode is null)
        {
            faults.Add($"{(prefill is null ? _decodeWorkers : _prefillWorkers).Name} needs {(prefill is null ? _prefillWorkers : _decodeWorkers).Name}: give both or neither.");
        }

        double bandwidth = parsed.GetValue(_bandwidth);
        if (!(bandwidth >= 0 && bandwidth <= 100_000))
        {
            faults.Add(string.Create(CultureInfo.InvariantCulture, $"{_bandwidth.Name} must be 0 to 100000, is {bandwidth}."));
        }

        int bytes = parsed.GetValue(_bytesPerToken);
        if (bytes is < 1 or > 1 << 24)
        {
            faults.Add($"{_bytesPerToken.Name} must be 1 to {1 << 24}, is {bytes}.");
        }

        DisaggregationConfig config = new()
        {
            NumPrefillWorkers = prefill ?? 1,
            TransferGigabytesPerSecond = bandwidth,
            KVBytesPerToken = bytes,
            IsConditional = parsed.GetValue(_conditional),
        };
        return ((prefill ?? 1) + (decode ?? 1), config);

        void CheckRange(Option<int?> option, int high)
        {
            if (parsed.GetValue(option) is { } value && (value < 1 || value > high))
            {
                faults.Add($"{option.Name} must be 1 to {high}, is {value}.");
            }
        }
    }
}
