using System.Globalization;

namespace Dynamo.Benchmarks.Prefixes;

/// <summary>Memory that this machine can still give.</summary>
internal static class FreeMemory
{
    /// <summary>Bytes that can be taken without swapping.</summary>
    public static long Bytes()
    {
        string line = File.ReadLines("/proc/meminfo").First(static line => line.StartsWith("MemAvailable:", StringComparison.Ordinal));
        return long.Parse(line.Split(' ', StringSplitOptions.RemoveEmptyEntries)[1], CultureInfo.InvariantCulture) << 10;
    }

    /// <summary>Gives back what nobody refers to any more, native memory included.</summary>
    public static void Collect()
    {
        GC.Collect();
        GC.WaitForPendingFinalizers();
        GC.Collect();
    }
}
