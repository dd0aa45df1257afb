using System.Globalization;

namespace Dynamo.Benchmarks.Serving;

/// <summary>
/// CPU time of a process at a moment. Of threads it is counted in nanoseconds (<c>schedstat</c>), or in ticks of 10 ms where the kernel does not
/// count it; the part inside the kernel, and threads that have ended, always in ticks.
/// </summary>
internal sealed class CpuSnapshot
{
    private const string Ended = "(ended)";
    private const long ResolvedNanoseconds = 2 * ThreadStat.Tick;

    private readonly Dictionary<int, (string Group, long Nanoseconds)> _threads = [];
    private readonly ThreadStat _process;

    private CpuSnapshot(int pid)
    {
        foreach (string folder in Directory.GetDirectories($"/proc/{pid}/task"))
        {
            try
            {
                ThreadStat stat = ThreadStat.Parse(File.ReadAllText($"{folder}/stat"));
                _threads[int.Parse(Path.GetFileName(folder), CultureInfo.InvariantCulture)] = (stat.Group, Nanoseconds(folder, stat));
            }
            catch (IOException)
            {
                // It ended while it was looked at.
            }
        }

        _process = ThreadStat.Parse(File.ReadAllText($"/proc/{pid}/stat"));
    }

    /// <summary>Takes one.</summary>
    public static CpuSnapshot Of(int pid) => new(pid);

    /// <summary>What the process has used until now.</summary>
    public CpuUse Whole() => new()
    {
        Nanoseconds = (_process.User + _process.Kernel) * ThreadStat.Tick,
        KernelNanoseconds = _process.Kernel * ThreadStat.Tick,
        Groups = Sum(_threads.Values),
    };

    /// <summary>What the process used since an earlier look.</summary>
    public CpuUse Since(CpuSnapshot earlier)
    {
        Dictionary<string, long> groups = Sum(_threads.Select(thread =>
            (thread.Value.Group, thread.Value.Nanoseconds - (earlier._threads.TryGetValue(thread.Key, out (string, long Nanoseconds) before) ? before.Nanoseconds : 0))));
        long living = groups.Values.Sum();
        long kernel = (_process.Kernel - earlier._process.Kernel) * ThreadStat.Tick;
        long ended = ((_process.User - earlier._process.User) * ThreadStat.Tick) + kernel - living;
        if (ended > ResolvedNanoseconds)
        {
            groups[Ended] = ended;
            living += ended;
        }

        return new CpuUse { Nanoseconds = living, KernelNanoseconds = kernel, Groups = groups };
    }

    private static long Nanoseconds(string folder, ThreadStat stat)
    {
        string file = $"{folder}/schedstat";
        return File.Exists(file)
            ? long.Parse(File.ReadAllText(file).Split(' ')[0], CultureInfo.InvariantCulture)
            : (stat.User + stat.Kernel) * ThreadStat.Tick;
    }

    private static Dictionary<string, long> Sum(IEnumerable<(string Group, long Nanoseconds)> threads) => threads
        .GroupBy(static thread => thread.Group)
        .ToDictionary(static group => group.Key, static group => group.Sum(static thread => thread.Nanoseconds));
}
