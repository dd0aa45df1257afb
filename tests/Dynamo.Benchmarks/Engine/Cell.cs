using Dynamo.Benchmarks.Probes;

namespace Dynamo.Benchmarks.Engine;

/// <summary>One line of the table: a kind of work, and the ratio to llama.cpp that is asked of it.</summary>
/// <param name="BatchSize">Sequences that decode, or <see langword="null"/> for the prefill cell.</param>
/// <param name="Bar">Least ratio, or <see langword="null"/> when none is asked.</param>
internal sealed record Cell(int? BatchSize, double? Bar)
{
    /// <summary>All cells.</summary>
    public static IReadOnlyList<Cell> All { get; } = [new(1, 0.95), new(4, null), new(16, 1.3), new(null, 1.0)];

    /// <summary>Name in the report.</summary>
    public string Name => BatchSize is { } batchSize ? $"decode, batch {batchSize}" : $"prefill {Workload.PrefillLength}";

    /// <summary>Tokens that are timed.</summary>
    public int NumTokens => BatchSize is { } batchSize ? batchSize * Workload.NumDecodeSteps : Workload.PrefillLength;

    /// <summary>Runs it once.</summary>
    public RunResult Run(IPeer peer) => BatchSize is { } batchSize ? peer.Decode(batchSize) : peer.Prefill();

    /// <summary>The least time at the given speeds.</summary>
    public double LeastSeconds(double bytesPerSecond, double operationsPerSecond) => BatchSize is { } batchSize
        ? Roofline.Decode(batchSize, bytesPerSecond, operationsPerSecond)
        : Roofline.Prefill(bytesPerSecond, operationsPerSecond);
}
