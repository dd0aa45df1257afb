using Dynamo.Engine.Mock;

namespace Dynamo.Cli.Bench;

/// <summary>
/// A fixed number of clients, each of which sends its next request when its last one has ended. A slow server is asked less: read its latencies
/// together with its throughput. A client that nobody takes a request from waits a little, as clients do: else a server that is away for a moment
/// would be asked thousands of times, and these would be the run.
/// </summary>
internal static class ClosedLoop
{
    /// <summary>How long a client waits when its request was not taken.</summary>
    public static TimeSpan Pause { get; } = TimeSpan.FromMilliseconds(250);

    /// <summary>Sends all requests; returns when the last has ended.</summary>
    /// <param name="sender">Sends one.</param>
    /// <param name="clock">The run's clock.</param>
    /// <param name="time">Clients that were not taken wait on it.</param>
    /// <param name="concurrency">Clients.</param>
    /// <param name="numRequests">Requests in all.</param>
    /// <param name="deadline">No request begins at or after this.</param>
    /// <param name="cancellationToken">No further request; those on the way are cut.</param>
    public static Task RunAsync(
        IRequestSender sender, IStepClock clock, TimeProvider time, int concurrency, int numRequests, TimeSpan deadline, CancellationToken cancellationToken)
    {
        int next = -1;
        return Task.WhenAll(Enumerable.Range(0, Math.Min(concurrency, numRequests)).Select(_ => Task.Run(ClientAsync, CancellationToken.None)));

        async Task ClientAsync()
        {
            while (!cancellationToken.IsCancellationRequested && Interlocked.Increment(ref next) is int index && (uint)index < (uint)numRequests)
            {
                PreparedRequest request = sender.Prepare(index);
                TimeSpan now = clock.Now;
                if (now >= deadline)
                {
                    return;
                }

                if (!await sender.SendAsync(request, now, cancellationToken))
                {
                    await Task.Delay(Pause, time, cancellationToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
                }
            }
        }
    }
}
