using Dynamo.Protocol.Routing;

namespace Dynamo.Routing.Filters;

/// <summary>Why a worker cannot get a request.</summary>
public enum Ineligibility : byte
{
    /// <summary>It can.</summary>
    None,

    /// <summary>It is loading its model.</summary>
    Loading,

    /// <summary>It is draining.</summary>
    Draining,

    /// <summary>It is over.</summary>
    Failed,

    /// <summary>It has just refused this request or could not be reached.</summary>
    Excluded,

    /// <summary>The request names another.</summary>
    NotPinned,

    /// <summary>It is beyond a busy threshold (<see cref="BusyLimits"/>).</summary>
    Busy,

    /// <summary>As many requests as it may have still wait for their first token there (<see cref="Configuration.HoldOptions.MaxQueued"/>).</summary>
    QueueFull,

    /// <summary>The prompt does not fit beside the prompts that it has.</summary>
    NoRoom,

    /// <summary>It rounds otherwise than the worker that made the text so far (<see cref="Protocol.Routing.RouteRequest.NumericsClass"/>).</summary>
    OtherClass,
}
