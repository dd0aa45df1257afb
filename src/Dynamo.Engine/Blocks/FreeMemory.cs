using System.Globalization;

namespace Dynamo.Engine.Blocks;

/// <summary>Memory that this process may still take: what the machine has available, or what its control group leaves when that is less.</summary>
internal static class FreeMemory
{
    /// <summary>Bytes.</summary>
    public static long Bytes() => Math.Min(Machine(), ControlGroup("/sys/fs/cgroup"));

    private static long Machine()
    {
        foreach (string line in File.ReadLines("/proc/meminfo"))
        {
            if (line.StartsWith("MemAvailable:", StringComparison.Ordinal))
            {
                return long.Parse(line.AsSpan("MemAvailable:".Length, line.Length - "MemAvailable: kB".Length).Trim(), CultureInfo.InvariantCulture) * 1024;
            }
        }

        throw new EngineStartException("/proc/meminfo has no MemAvailable line; give --num-gpu-blocks-override.");
    }

    // cgroup v2; absent or "max" means no limit of its own. What a group uses includes files that its processes have read, weights above all;
    // the kernel drops those before it refuses anything, and MemAvailable counts them as available too.
    internal static long ControlGroup(string root)
    {
        string limit = Path.Combine(root, "memory.max");
        string current = Path.Combine(root, "memory.current");
        return TryRead(limit, out long most) && TryRead(current, out long used)
            ? Math.Max(0, most - used + FileCache(Path.Combine(root, "memory.stat")))
            : long.MaxValue;
    }

    private static bool TryRead(string file, out long value)
    {
        value = 0;
        return File.Exists(file) && TryParse(File.ReadAllText(file), out value);
    }

    private static long FileCache(string stat)
    {
        long bytes = 0;
        foreach (string line in File.Exists(stat) ? File.ReadLines(stat) : [])
        {
            string[] parts = line.Split(' ');
            if (parts is ["active_file" or "inactive_file", string value] && TryParse(value, out long cached))
            {
                bytes += cached;
            }
        }

        return bytes;
    }

    private static bool TryParse(string text, out long value) => long.TryParse(text.AsSpan().Trim(), CultureInfo.InvariantCulture, out value);
}
