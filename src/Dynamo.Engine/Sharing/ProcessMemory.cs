using System.Globalization;

namespace Dynamo.Engine.Sharing;

/// <summary>Memory of processes that no file backs: what is used up for others.</summary>
internal static class ProcessMemory
{
    /// <summary>Bytes that a process uses, or <see langword="null"/> when there is none of this id that we may look at.</summary>
    public static long? UsedBytes(int processId)
    {
        const string field = "RssAnon:";
        try
        {
            foreach (string line in File.ReadLines($"/proc/{processId}/status"))
            {
                if (line.StartsWith(field, StringComparison.Ordinal))
                {
                    return long.Parse(line.AsSpan(field.Length, line.Length - field.Length - "kB".Length).Trim(), CultureInfo.InvariantCulture) * 1024;
                }
            }
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            // It has just ended, or is in another container.
        }

        return null;
    }
}
