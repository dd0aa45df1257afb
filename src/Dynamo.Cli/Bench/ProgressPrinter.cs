namespace Dynamo.Cli.Bench;

/// <summary>Says from time to time how far a run is, for whoever waits.</summary>
internal sealed class ProgressPrinter : IDisposable
{
    /// <summary>Between two lines.</summary>
    public static readonly TimeSpan Interval = TimeSpan.FromSeconds(10);

    private readonly ITimer _timer;

    /// <summary>Begins.</summary>
    /// <param name="log">Takes the lines.</param>
    /// <param name="counts">Requests that have ended, and of these the failed ones. Called on another thread.</param>
    /// <param name="time">Clock of the lines.</param>
    public ProgressPrinter(TextWriter log, Func<(int NumEnded, int NumFailed)> counts, TimeProvider time)
    {
        TextWriter shared = TextWriter.Synchronized(log);
        _timer = time.CreateTimer(
            _ =>
            {
                (int numEnded, int numFailed) = counts();
                shared.WriteLine($"dynamo: {numEnded} requests have ended, {numFailed} of them failed");
            },
            state: null,
            Interval,
            Interval);
    }

    /// <inheritdoc/>
    public void Dispose() => _timer.Dispose();
}
