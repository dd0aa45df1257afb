using System.Diagnostics;

namespace Dynamo.Serving.Streams;

/// <summary>
/// The spans of one sequence at its frontend, below its request's: one for each dispatch, linked to the one before, and in it one for each question to the
/// router. None when the request is not traced.
/// </summary>
internal sealed class SequenceTrace
{
    private static readonly ActivitySource Source = new("Dynamo.Serving");

    // A move begins in a worker's call, far from the request.
    private readonly ActivityContext _request = Activity.Current is { Recorded: true } current ? current.Context : default;
    private ActivityContext _last;

    /// <summary>A worker is sought.</summary>
    public Activity? BeginDispatch()
    {
        if (_request == default)
        {
            return null;
        }

        Activity? span = Source.StartActivity("dispatch", ActivityKind.Internal, _request, links: _last == default ? null : [new ActivityLink(_last)]);
        _last = span?.Context ?? default;
        return span;
    }

    /// <summary>The router is asked.</summary>
    /// <param name="dispatch">The dispatch that asks.</param>
    public static Activity? BeginRoute(Activity? dispatch) => dispatch is null ? null : Source.StartActivity("route", ActivityKind.Client, dispatch.Context);
}
