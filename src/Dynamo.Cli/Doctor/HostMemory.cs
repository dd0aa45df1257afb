using System.Globalization;

namespace Dynamo.Cli.Doctor;

/// <summary>Memory of this host.</summary>
internal static class HostMemory
{
    /// <summary>What processes can still take without swapping, by the kernel's estimate; bytes.</summary>
    public static long AvailableBytes()
    {
        const string field = "MemAvailable:";
        string line = File.ReadLines("/proc/meminfo").First(static line => line.StartsWith(field, StringComparison.Ordinal));
        return long.Parse(line.AsSpan(field.Length, line.Length - field.Length - "kB".Length).Trim(), CultureInfo.InvariantCulture) * 1024;
    }
}
