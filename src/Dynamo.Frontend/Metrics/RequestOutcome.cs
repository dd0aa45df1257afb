namespace Dynamo.Frontend.Metrics;

/// <summary>How a request ended, for metrics.</summary>
internal enum RequestOutcome
{
    /// <summary>Answered whole.</summary>
    Success,

    /// <summary>The client's fault.</summary>
    Validation,

    /// <summary>No such model.</summary>
    NotFound,

    /// <summary>Refused for overload.</summary>
    Overload,

    /// <summary>No instance is ready.</summary>
    Unavailable,

    /// <summary>The client left.</summary>
    Cancelled,

    /// <summary>Our fault.</summary>
    Internal,
}

/// <summary>Outcomes as Dynamo's label <c>error_type</c> says them.</summary>
internal static class RequestOutcomeExtensions
{
    /// <summary>The label's value; empty for <see cref="RequestOutcome.Success"/>.</summary>
    public static string ErrorType(this RequestOutcome outcome) => outcome switch
    {
        RequestOutcome.Success => "",
        RequestOutcome.Validation => "validation",
        RequestOutcome.NotFound => "not_found",
        RequestOutcome.Overload => "overload",
        RequestOutcome.Unavailable => "unavailable",
        RequestOutcome.Cancelled => "cancelled",
        _ => "internal",
    };
}
