using System.Runtime.InteropServices;

namespace Dynamo.Engine.Mock;

/// <summary>
/// Real time. Waits in the kernel for an absolute moment of its monotonic clock, so a core is free meanwhile and what comes before the wait
/// does not add to it. A thread's timer slack, by default 50 µs by which the kernel may wake it late to save wake-ups, is lowered to 1 ns
/// on the first wait: a step of 100 µs then takes 100 µs, which <c>Thread.Sleep</c> with its whole milliseconds cannot do.
/// </summary>
public sealed partial class MonotonicStepClock : IStepClock
{
    // linux/time.h, linux/prctl.h, asm-generic/errno-base.h
    private const int ClockMonotonic = 1;
    private const int TimerAbsoluteTime = 1;
    private const int SetTimerSlack = 29;
    private const int Interrupted = 4;
    private const long NanosecondsPerSecond = 1_000_000_000;

    [ThreadStatic]
    private static bool t_isPrecise;

    /// <inheritdoc/>
    public TimeSpan Now => GetTime(ClockMonotonic, out TimeSpec now) == 0
        ? new TimeSpan((now.Seconds * TimeSpan.TicksPerSecond) + (now.Nanoseconds / TimeSpan.NanosecondsPerTick))
        : throw new InvalidOperationException($"clock_gettime failed with error {Marshal.GetLastPInvokeError()}.");

    /// <inheritdoc/>
    public void WaitUntil(TimeSpan due)
    {
        if (due <= Now)
        {
            return;
        }

        if (!t_isPrecise)
        {
            // Where it is refused the wait is longer by the slack, and still right.
            _ = Control(SetTimerSlack, 1, 0, 0, 0);
            t_isPrecise = true;
        }

        long nanoseconds = due.Ticks * TimeSpan.NanosecondsPerTick;
        TimeSpec moment = new() { Seconds = nanoseconds / NanosecondsPerSecond, Nanoseconds = nanoseconds % NanosecondsPerSecond };
        int error;
        do
        {
            error = Sleep(ClockMonotonic, TimerAbsoluteTime, in moment, remaining: 0);
        }
        while (error == Interrupted);

        if (error != 0)
        {
            throw new InvalidOperationException($"clock_nanosleep until {due} failed with error {error}.");
        }
    }

    [LibraryImport("libc", EntryPoint = "clock_gettime", SetLastError = true)]
    private static partial int GetTime(int clock, out TimeSpec time);

    [LibraryImport("libc", EntryPoint = "clock_nanosleep")]
    private static partial int Sleep(int clock, int flags, in TimeSpec request, nint remaining);

    [LibraryImport("libc", EntryPoint = "prctl")]
    private static partial int Control(int option, nuint argument2, nuint argument3, nuint argument4, nuint argument5);

    private struct TimeSpec
    {
        public long Seconds;
        public long Nanoseconds;
    }
}
