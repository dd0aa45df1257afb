using System.Diagnostics;
using Dynamo.Cli.Input;

namespace Dynamo.Cli.Chat;

/// <summary>Waits until a server is ready: for a while, or as long as its process lives.</summary>
/// <param name="client">Asks the server.</param>
/// <param name="processId">The server's process, or <see langword="null"/>.</param>
/// <param name="timeout">How long to wait when there is no process to watch.</param>
internal sealed class ServerWait(OpenAIChatClient client, int? processId, TimeSpan timeout)
{
    private static readonly TimeSpan Interval = TimeSpan.FromMilliseconds(100);

    public async Task UntilReadyAsync(CancellationToken cancellationToken)
    {
        long start = Stopwatch.GetTimestamp();
        while (!await client.IsReadyAsync(cancellationToken))
        {
            if (processId is { } id)
            {
                if (!IsAlive(id))
                {
                    throw new CommandFault($"the server (process {id}) ended before it was ready.");
                }
            }
            else if (Stopwatch.GetElapsedTime(start) > timeout)
            {
                throw new CommandFault($"{client.Address} is not ready after {timeout.TotalSeconds:0} s; see {new Uri(client.Address, "health")}, or wait longer with --wait SECONDS.");
            }

            await Task.Delay(Interval, cancellationToken);
        }
    }

    // A child that ended but was not yet waited for still has a process entry, as a zombie.
    private static bool IsAlive(int id)
    {
        try
        {
            string stat = File.ReadAllText($"/proc/{id}/stat");
            return stat[stat.LastIndexOf(')') + 2] is not ('Z' or 'X');
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return false;
        }
    }
}
