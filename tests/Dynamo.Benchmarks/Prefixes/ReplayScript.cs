namespace Dynamo.Benchmarks.Prefixes;

/// <summary>What a router hears from a fleet, made in advance.</summary>
/// <param name="Name">For reports.</param>
/// <param name="NumWorkers">Workers.</param>
/// <param name="Ops">Operations in order.</param>
/// <param name="NumFill">The first of them, that fill the caches.</param>
internal sealed record ReplayScript(string Name, int NumWorkers, ReplayOp[] Ops, int NumFill)
{
    /// <summary>Blocks a worker can hold.</summary>
    public const int BlocksPerWorker = 16_384;
}
