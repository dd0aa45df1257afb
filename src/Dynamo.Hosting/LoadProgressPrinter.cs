using System.Diagnostics;
using System.Globalization;
using Dynamo.Engine.Execution;

namespace Dynamo.Hosting;

/// <summary>Shows how far loading is: one line that is rewritten on a terminal, else a line now and then. Thread-safe.</summary>
internal sealed class LoadProgressPrinter(TextWriter output, bool isTerminal) : IProgress<LoadProgress>
{
    private static readonly TimeSpan Interval = TimeSpan.FromMilliseconds(200);
    private static readonly TimeSpan LogInterval = TimeSpan.FromSeconds(5);

    private readonly Lock _lock = new();
    private long _start;
    private long _lastShown;
    private bool _isDone;

    public void Report(LoadProgress value)
    {
        lock (_lock)
        {
            long now = Stopwatch.GetTimestamp();
            if (_start == 0)
            {
                _start = now;
            }

            bool isLast = value.LoadedBytes >= value.TotalBytes;
            bool isDue = _lastShown == 0 || Stopwatch.GetElapsedTime(_lastShown, now) >= (isTerminal ? Interval : LogInterval);
            if (_isDone || !(isLast || isDue))
            {
                return;
            }

            _isDone = isLast;
            _lastShown = now;
            double seconds = Stopwatch.GetElapsedTime(_start, now).TotalSeconds;
            double percent = value.TotalBytes == 0 ? 100 : 100.0 * value.LoadedBytes / value.TotalBytes;
            string line = string.Create(
                CultureInfo.InvariantCulture,
                $"loading weights: {value.LoadedBytes / 1e6:0.0} of {value.TotalBytes / 1e6:0.0} MB ({percent:0} %), {seconds:0.0} s");
            output.Write(isTerminal ? $"\r{line}{(isLast ? "\n" : "")}" : line + "\n");
            output.Flush();
        }
    }
}
