using System.Text.Json.Serialization;
using Dynamo.Simulation.Configuration;

namespace Dynamo.Simulation.Reports;

/// <summary>Figures of prompts that went from prefill to decode workers; milliseconds are simulated.</summary>
public sealed record TransferReport
{
    /// <summary>Workers that prefill.</summary>
    public required int PrefillWorkers { get; init; }

    /// <summary>Workers that decode.</summary>
    public required int DecodeWorkers { get; init; }

    /// <summary>Requests that went from one to the other.</summary>
    public required int TransferredRequests { get; init; }

    /// <summary>Requests whose prompt was computed by their decode worker.</summary>
    public required int LocalRequests { get; init; }

    /// <summary>Of the prompt tokens of requests that went, those whose keys and values went; the decode worker had the others.</summary>
    public required double TransferredTokensRatio { get; init; }

    /// <summary>Duration of a transfer.</summary>
    [JsonPropertyName("mean_transfer_ms")]
    public required double MeanTransfer { get; init; }

    /// <summary>See <see cref="MeanTransfer"/>.</summary>
    [JsonPropertyName("p99_transfer_ms")]
    public required double P99Transfer { get; init; }

    /// <summary>From the first token to the begin of the transfer: for a decode worker with room.</summary>
    [JsonPropertyName("mean_transfer_wait_ms")]
    public required double MeanTransferWait { get; init; }

    /// <summary>See <see cref="MeanTransferWait"/>.</summary>
    [JsonPropertyName("p99_transfer_wait_ms")]
    public required double P99TransferWait { get; init; }

    internal static TransferReport Of(DisaggregationConfig config, int numWorkers, IReadOnlyList<SimulatedRequest> requests)
    {
        SimulatedRequest[] gone = [.. requests.Where(static request => request.TransferWaitMilliseconds is not null)];
        Distribution transfer = new(gone.Select(static request => request.TransferMilliseconds));
        Distribution wait = new(gone.Select(static request => request.TransferWaitMilliseconds!.Value));
        return new TransferReport
        {
            PrefillWorkers = config.NumPrefillWorkers,
            DecodeWorkers = numWorkers - config.NumPrefillWorkers,
            TransferredRequests = gone.Length,
            LocalRequests = requests.Count(static request => request.DecodeWorker == request.Worker),
            TransferredTokensRatio = gone.Length == 0 ? 0 : gone.Sum(static request => (double)request.NumTransferredTokens) / gone.Sum(static request => (double)request.Trace.InputLength),
            MeanTransfer = transfer.Mean,
            P99Transfer = transfer.Percentile(0.99),
            MeanTransferWait = wait.Mean,
            P99TransferWait = wait.Percentile(0.99),
        };
    }
}
