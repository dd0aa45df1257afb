using Dynamo.Engine.Mock;

namespace Dynamo.Cli.Bench;

/// <summary>
/// Sends requests at their times, whether or not earlier ones have ended, as clients that know nothing of one another do. Each is given the time at which it
/// was meant to be sent: whatever delays it from then on, here or there, is part of its latency.
/// </summary>
internal static class OpenLoop
{
    // The clock's wait cannot be ended early.
    private static readonly TimeSpan LongestWait = TimeSpan.FromMilliseconds(50);

    /// <summary>Sends all requests; returns when the last has ended.</summary>
    /// <param name="sender">Sends one.</param>
    /// <param name="clock">The run's clock.</param>
    /// <param name="arrivals">Times since <paramref name="start"/>, in order.</param>
    /// <param name="start">When the loop begins.</param>
    /// <param name="numRequests">Most requests.</param>
    /// <param name="deadline">No request is meant for this time or later.</param>
    /// <param name="cancellationToken">No further request; those on the way are cut.</param>
    public static async Task RunAsync(
        IRequestSender sender, IStepClock clock, IEnumerable<TimeSpan> arrivals, TimeSpan start, int numRequests, TimeSpan deadline, CancellationToken cancellationToken)
    {
        List<Task> requests = [];
        await Task.Factory.StartNew(Dispatch, CancellationToken.None, TaskCreationOptions.LongRunning, TaskScheduler.Default);
        await Task.WhenAll(requests);

        void Dispatch()
        {
            int index = 0;
            foreach (TimeSpan arrival in arrivals)
            {
                TimeSpan due = start + arrival;
                if (index == numRequests || due >= deadline)
                {
                    return;
                }

                PreparedRequest request = sender.Prepare(index++);
                while (clock.Now < due && !cancellationToken.IsCancellationRequested)
                {
                    TimeSpan soon = clock.Now + LongestWait;
                    clock.WaitUntil(due < soon ? due : soon);
                }

                if (cancellationToken.IsCancellationRequested)
                {
                    return;
                }

                // On another thread: this one has the next to wait for.
                requests.Add(Task.Run(() => sender.SendAsync(request, due, cancellationToken), CancellationToken.None));
            }
        }
    }
}
