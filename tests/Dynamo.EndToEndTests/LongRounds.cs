namespace Dynamo.EndToEndTests;

/// <summary>Whether tests take their time: more requests of a kind, longer answers. <c>tests/run.sh --long</c> and <c>tests/faults.sh</c> say so.</summary>
internal static class LongRounds
{
    /// <summary>Environment variable that says so by being 1.</summary>
    public const string Variable = "DYNAMO_TEST_LONG";

    /// <summary>Whether it does.</summary>
    public static bool AreOn { get; } = Environment.GetEnvironmentVariable(Variable) == "1";

    /// <summary>Why what only they do is not done, or <see langword="null"/>.</summary>
    public static string? WhyNot => AreOn ? null : $"one of the long rounds: tests/run.sh --long, tests/faults.sh, or {Variable}=1";
}
