using System.Globalization;

namespace Dynamo.Benchmarks.Serving;

/// <summary>A thread or process in <c>/proc</c>, as far as it is needed.</summary>
/// <param name="Name">Its name; the kernel cuts it after 15 characters.</param>
/// <param name="User">Time outside the kernel, in ticks of 10 ms.</param>
/// <param name="Kernel">Time in the kernel.</param>
internal readonly record struct ThreadStat(string Name, long User, long Kernel)
{
    // proc(5): the state, field 3, is the first behind the name; utime and stime are fields 14 and 15.
    private const int UserField = 11;
    private const int KernelField = 12;

    /// <summary>Nanoseconds of a tick: sysconf(_SC_CLK_TCK) is 100 on Linux.</summary>
    public const long Tick = 10_000_000;

    /// <summary>Reads the line of a <c>stat</c> file. The name stands in parentheses and may have some itself.</summary>
    public static ThreadStat Parse(string line)
    {
        int open = line.IndexOf('(');
        int close = line.LastIndexOf(')');
        string[] fields = line[(close + 2)..].Split(' ');
        return new ThreadStat(line[(open + 1)..close], Number(fields[UserField]), Number(fields[KernelField]));

        static long Number(string field) => long.Parse(field, CultureInfo.InvariantCulture);
    }

    /// <summary>The name without what counts threads: digits at the end, or a last word of hexadecimal ones.</summary>
    public string Group
    {
        get
        {
            string name = Name;
            int space = name.LastIndexOf(' ');
            if (space > 0 && name.AsSpan(space + 1) is { Length: >= 4 } last && last.ContainsAnyInRange('0', '9') && !last.ContainsAnyExcept("0123456789abcdef"))
            {
                name = name[..space];
            }

            return name.TrimEnd("0123456789".ToCharArray()).TrimEnd(' ', '-', '_', '#', ':', '/') is { Length: > 0 } group ? group : Name;
        }
    }
}
