using System.Globalization;
using Dynamo.Engine.Configuration;
using Dynamo.Engine.Sharing;

namespace Dynamo.Engine.Blocks;

/// <summary>Memory that this process may still take: what the machine has available, or what its control groups leave when that is less.</summary>
internal static class FreeMemory
{
    /// <summary>Bytes.</summary>
    public static long Bytes() => ControlGroup.Own().Folders("memory").Aggregate(Machine(), static (least, folder) => Math.Min(least, Left(folder)));

    private static long Machine()
    {
        foreach (string line in File.ReadLines("/proc/meminfo"))
        {
            if (line.StartsWith("MemAvailable:", StringComparison.Ordinal))
            {
                return long.Parse(line.AsSpan("MemAvailable:".Length, line.Length - "MemAvailable: kB".Length).Trim(), CultureInfo.InvariantCulture) * 1024;
            }
        }

        throw new EngineStartException("/proc/meminfo has no MemAvailable line; give NumBlocks.");
    }

    // What one group leaves, by version 2 or 1 of the interface; absent or "max" means no limit of its own. What a group uses includes files
    // that its processes have read, weights above all; the kernel drops those before it refuses anything, and MemAvailable counts them as
    // available too.
    internal static long Left(string folder) =>
        Left(folder, "memory.max", "memory.current", "") ?? Left(folder, "memory.limit_in_bytes", "memory.usage_in_bytes", "total_") ?? long.MaxValue;

    private static long? Left(string folder, string limit, string usage, string prefix) =>
        TryRead(Path.Combine(folder, limit), out long most) && TryRead(Path.Combine(folder, usage), out long used)
            ? Math.Max(0, most - used + FileCache(Path.Combine(folder, "memory.stat"), prefix))
            : null;

    private static bool TryRead(string file, out long value)
    {
        value = 0;
        return File.Exists(file) && TryParse(File.ReadAllText(file), out value);
    }

    private static long FileCache(string stat, string prefix)
    {
        long bytes = 0;
        foreach (string line in File.Exists(stat) ? File.ReadLines(stat) : [])
        {
            string[] parts = line.Split(' ');
            if (parts is [string name, string value] && name.StartsWith(prefix, StringComparison.Ordinal) && name[prefix.Length..] is "active_file" or "inactive_file"
                && TryParse(value, out long cached))
            {
                bytes += cached;
            }
        }

        return bytes;
    }

    private static bool TryParse(string text, out long value) => long.TryParse(text.AsSpan().Trim(), CultureInfo.InvariantCulture, out value);
}
