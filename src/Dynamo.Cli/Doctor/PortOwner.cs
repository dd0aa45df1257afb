using System.Globalization;

namespace Dynamo.Cli.Doctor;

/// <summary>Finds the process that listens on a port, as far as this user may see it (proc(5): net/tcp and fd).</summary>
internal static class PortOwner
{
    private const string Listening = "0A";

    private static readonly string[] Tables = ["/proc/net/tcp", "/proc/net/tcp6"];

    /// <summary>"process 123 (name)", or <see langword="null"/> when it cannot be seen.</summary>
    public static string? Find(int port)
    {
        HashSet<string> sockets = [.. Tables.Where(File.Exists).SelectMany(File.ReadLines).Select(line => Socket(line, port)).OfType<string>()];
        foreach (string process in Directory.EnumerateDirectories("/proc"))
        {
            if (int.TryParse(Path.GetFileName(process), CultureInfo.InvariantCulture, out int id) && Holds(process, sockets))
            {
                return $"process {id} ({File.ReadAllText(Path.Combine(process, "comm")).Trim()})";
            }
        }

        return null;
    }

    // Columns: number, local address:port in hexadecimal, remote, state, queues, timer, retransmits, user, timeout, inode.
    private static string? Socket(string line, int port)
    {
        string[] columns = line.Split(' ', StringSplitOptions.RemoveEmptyEntries);
        return columns.Length > 9
            && columns[3] == Listening
            && int.TryParse(columns[1].AsSpan(columns[1].LastIndexOf(':') + 1), NumberStyles.HexNumber, CultureInfo.InvariantCulture, out int local)
            && local == port
                ? $"socket:[{columns[9]}]"
                : null;
    }

    private static bool Holds(string process, HashSet<string> sockets)
    {
        try
        {
            return Directory.EnumerateFiles(Path.Combine(process, "fd")).Any(file => new FileInfo(file).LinkTarget is { } target && sockets.Contains(target));
        }
        catch (Exception e) when (e is UnauthorizedAccessException or IOException)
        {
            // Another user's, or it has ended meanwhile.
            return false;
        }
    }
}
