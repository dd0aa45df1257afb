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

    // cgroup v2; absent or "max" means no limit of its own.
    private static long ControlGroup(string root)
    {
        string limit = Path.Combine(root, "memory.max");
        string current = Path.Combine(root, "memory.current");
        return File.Exists(limit) && File.Exists(current)
            && long.TryParse(File.ReadAllText(limit).Trim(), CultureInfo.InvariantCulture, out long most)
            && long.TryParse(File.ReadAllText(current).Trim(), CultureInfo.InvariantCulture, out long used)
                ? Math.Max(0, most - used)
                : long.MaxValue;
    }
}
