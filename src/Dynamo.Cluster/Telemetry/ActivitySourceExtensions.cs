using System.Diagnostics;

namespace Dynamo.Cluster.Telemetry;

/// <summary>Spans of a trace that goes from process to process in our own messages, beside what Orleans carries.</summary>
public static class ActivitySourceExtensions
{
    /// <summary>Begins a span below one of another process.</summary>
    /// <param name="source">Whose span.</param>
    /// <param name="name">Its name.</param>
    /// <param name="traceParent">The other one, as W3C's Trace Context writes it.</param>
    /// <returns><see langword="null"/> when there is no other one, it cannot be read, or nobody listens: who is not traced there is not traced here.</returns>
    public static Activity? StartBelow(this ActivitySource source, string name, string? traceParent) =>
        ActivityContext.TryParse(traceParent, traceState: null, isRemote: true, out ActivityContext parent) ? source.StartActivity(name, ActivityKind.Server, parent) : null;

    /// <summary>The span as W3C's Trace Context writes it, to be sent along; <see langword="null"/> when it is not recorded.</summary>
    public static string? TraceParent(this Activity? activity) => activity is { Recorded: true, IdFormat: ActivityIdFormat.W3C } ? activity.Id : null;
}
