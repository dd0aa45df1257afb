namespace Dynamo.Benchmarks.Serving;

/// <summary>CPU time that a process, or several, used.</summary>
internal sealed record CpuUse
{
    // ".NET Tiered Compilation Worker", as far as the kernel keeps it.
    private const string JitGroup = ".NET Tiered Com";

    /// <summary>All of it.</summary>
    public required long Nanoseconds { get; init; }

    /// <summary>The part inside the kernel, in whole ticks of 10 ms.</summary>
    public required long KernelNanoseconds { get; init; }

    /// <summary>All of it by the names of threads.</summary>
    public required IReadOnlyDictionary<string, long> Groups { get; init; }

    /// <summary>All of it.</summary>
    public double Seconds => Nanoseconds / 1e9;

    /// <summary>Share of it that compiling while running took, from 0 to 1.</summary>
    public double JitShare => Nanoseconds == 0 ? 0 : Groups.GetValueOrDefault(JitGroup) / (double)Nanoseconds;

    /// <summary>Adds up.</summary>
    public static CpuUse Sum(IEnumerable<CpuUse> uses)
    {
        CpuUse[] all = [.. uses];
        return new CpuUse
        {
            Nanoseconds = all.Sum(static use => use.Nanoseconds),
            KernelNanoseconds = all.Sum(static use => use.KernelNanoseconds),
            Groups = all.SelectMany(static use => use.Groups).GroupBy(static group => group.Key).ToDictionary(static group => group.Key, static group => group.Sum(static pair => pair.Value)),
        };
    }

    /// <summary>Microseconds for each of a number of things.</summary>
    public double Microseconds(int count) => Nanoseconds / 1e3 / count;

    /// <summary>Microseconds inside the kernel for each of a number of things.</summary>
    public double KernelMicroseconds(int count) => KernelNanoseconds / 1e3 / count;
}
