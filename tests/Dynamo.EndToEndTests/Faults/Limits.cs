namespace Dynamo.EndToEndTests.Faults;

/// <summary>
/// How long a stream may stand still. What is promised is for a machine that has the cores its processes need; the tests run seven processes
/// and 64 clients on two, beside whatever else a build machine does, so they allow <see cref="Noise"/> more: long rounds, which somebody watches on a
/// quiet machine, little, and the suite so much that only a stream that waits for a timeout fails. docs/reliability.md has the figures themselves.
/// </summary>
internal static class Limits
{
    private static readonly TimeSpan Noise = TimeSpan.FromSeconds(LongRounds.AreOn ? 2 : 6);

    /// <summary>After a process was killed: 1 s and one prefill of what moved.</summary>
    public static readonly TimeSpan AfterKill = TimeSpan.FromSeconds(1) + Noise;

    /// <summary>After a process that stands still: 2.5 s.</summary>
    public static readonly TimeSpan AfterStall = TimeSpan.FromSeconds(2.5) + Noise;
}
