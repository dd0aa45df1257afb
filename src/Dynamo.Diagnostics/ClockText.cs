using System.Globalization;

namespace Dynamo.Diagnostics;

/// <summary>Words for times.</summary>
internal static class ClockText
{
    /// <summary>"1.5 s ahead of" or "1.5 s behind".</summary>
    public static string Offset(TimeSpan offset) => $"{Seconds(offset.Duration())} {(offset < TimeSpan.Zero ? "behind" : "ahead of")}";

    /// <summary>"5 s", "12 min", "3 h", "2 d"; below ten seconds with a tenth.</summary>
    public static string Seconds(TimeSpan time)
    {
        (double value, string form) = time switch
        {
            _ when time.TotalSeconds < 10 => (time.TotalSeconds, "0.0 s"),
            _ when time.TotalMinutes < 2 => (time.TotalSeconds, "0 s"),
            _ when time.TotalHours < 2 => (time.TotalMinutes, "0 min"),
            _ when time.TotalDays < 2 => (time.TotalHours, "0 h"),
            _ => (time.TotalDays, "0 d"),
        };
        return value.ToString(form, CultureInfo.InvariantCulture);
    }
}
