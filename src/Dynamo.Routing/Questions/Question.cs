using System.Diagnostics.CodeAnalysis;
using Dynamo.Protocol.Load;
using Dynamo.Protocol.Routing;

namespace Dynamo.Routing.Questions;

/// <summary>A request in the router's hands, with its own notes on it.</summary>
internal sealed record Question : RouteRequest
{
    [SetsRequiredMembers]
    private Question(RouteRequest request)
        : base(request) => SessionKey = request.Session is { } session ? $"{request.Tenant}/{session}" : null;

    /// <summary>The session that it belongs to, which no other tenant can name.</summary>
    public string? SessionKey { get; }

    /// <summary>The worker of its session: as if pinned there, until that is gone.</summary>
    public WorkerId? Bound { get; init; }

    /// <summary>Whether none of its class can get it, so that any other will do.</summary>
    public bool IsClassWaived { get; init; }

    /// <summary>Takes a request.</summary>
    public static Question Of(RouteRequest request) => new(request);

    /// <summary>Whether it may go where rounding depends on this.</summary>
    public bool AcceptsClass(string? numericsClass) => NumericsClass is null || IsClassWaived || NumericsClass == numericsClass;
}
