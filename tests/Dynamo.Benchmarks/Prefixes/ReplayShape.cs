namespace Dynamo.Benchmarks.Prefixes;

/// <summary>What the sessions of a <see cref="ReplayLoad"/> are like; lengths in blocks.</summary>
/// <param name="Name">For reports.</param>
/// <param name="SessionsPerWorker">Sessions that go on at a time.</param>
/// <param name="MeanTurns">Turns of a session.</param>
/// <param name="MaxQuestion">What a turn adds at most, before its answer.</param>
/// <param name="MaxContext">Where a session ends at the latest.</param>
internal sealed record ReplayShape(string Name, int SessionsPerWorker, int MeanTurns, int MaxQuestion, int MaxContext)
{
    /// <summary>People: a few turns, about 200 blocks of 64 tokens to look up, about a third of them new.</summary>
    public static ReplayShape Chat { get; } = new("chat", 24, 5, 120, 1500);

    /// <summary>Coding agents: many turns on a context of about 1,000 blocks of 64 tokens, 96 of 100 known.</summary>
    public static ReplayShape Agents { get; } = new("agents", 8, 60, 60, 3000);
}
