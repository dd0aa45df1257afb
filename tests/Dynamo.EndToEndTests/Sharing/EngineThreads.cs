using System.Globalization;

namespace Dynamo.EndToEndTests.Sharing;

/// <summary>The threads that compute an engine's steps, as the kernel sees them: the engine's own, and libtorch's, which have its name.</summary>
internal static class EngineThreads
{
    private const string Name = "engine ";

    // Of the kernel's ticks of 10 ms: a thread that computes uses dozens in a window, one that waits none.
    private const long MinTicks = 2;

    private static readonly TimeSpan Window = TimeSpan.FromMilliseconds(400);

    /// <summary>Threads of a process that have computed in a short time from now on.</summary>
    public static async Task<int> CountBusyAsync(int processId)
    {
        Dictionary<string, long> before = Ticks(processId);
        await Task.Delay(Window);
        return Ticks(processId).Count(thread => thread.Value - before.GetValueOrDefault(thread.Key) >= MinTicks);
    }

    private static Dictionary<string, long> Ticks(int processId)
    {
        Dictionary<string, long> ticks = [];
        foreach (string thread in Directory.EnumerateDirectories($"/proc/{processId}/task"))
        {
            if (!File.ReadAllText(Path.Combine(thread, "comm")).StartsWith(Name, StringComparison.Ordinal))
            {
                continue;
            }

            // Behind the name in parentheses: state is field 3, time in user mode and in the kernel are 14 and 15.
            string stat = File.ReadAllText(Path.Combine(thread, "stat"));
            string[] fields = stat[(stat.LastIndexOf(')') + 2)..].Split(' ');
            ticks[thread] = long.Parse(fields[11], CultureInfo.InvariantCulture) + long.Parse(fields[12], CultureInfo.InvariantCulture);
        }

        return ticks;
    }
}
