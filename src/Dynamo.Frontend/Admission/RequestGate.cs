using System.Collections.Concurrent;
using Dynamo.Cluster.Membership;
using Dynamo.Frontend.Errors;
using Microsoft.AspNetCore.Http;

namespace Dynamo.Frontend.Admission;

/// <summary>
/// Lets requests in while the process is a member of its cluster, and knows those that run. Before, and while it leaves, clients are told when to
/// try again; how the process is can be asked at any time. Thread-safe.
/// </summary>
internal sealed class RequestGate(NodeState state)
{
    private static readonly string[] AlwaysOpen = ["/live", "/health", "/ping", "/metrics", "/version", "/openapi.json", "/docs"];

    private readonly ConcurrentDictionary<HttpContext, bool> _running = [];
    private readonly CancellationTokenSource _over = new();

    /// <summary>Whether the process is leaving.</summary>
    public bool IsLeaving => state.Phase == NodePhase.Leaving;

    /// <summary>Cancelled when requests that still run have no more time.</summary>
    public CancellationToken Over => _over.Token;

    /// <summary>Requests that run.</summary>
    public int NumRunning => _running.Count;

    /// <summary>Middleware.</summary>
    public async Task InvokeAsync(HttpContext context, RequestDelegate next)
    {
        PathString path = context.Request.Path;
        if (Array.Exists(AlwaysOpen, open => path.Equals(open, StringComparison.OrdinalIgnoreCase)))
        {
            await next(context);
            return;
        }

        if (state.Phase == NodePhase.Starting)
        {
            await ErrorWriter.RespondAsync(context.Response, ApiException.Starting());
            return;
        }

        if (!path.StartsWithSegments("/v1"))
        {
            await next(context);
            return;
        }

        // Counted first: one that finds the gate open is waited for.
        _running.TryAdd(context, true);
        try
        {
            if (IsLeaving)
            {
                await ErrorWriter.RespondAsync(context.Response, ApiException.Leaving());
                return;
            }

            await next(context);
        }
        finally
        {
            _running.TryRemove(context, out _);
        }
    }

    /// <summary>Ends what still runs: each stream with an error event, each other request with 503.</summary>
    /// <param name="canResume">Clients can go on with their streams at another frontend: theirs are cut off without an end, which is what tells them to.</param>
    public void End(bool canResume)
    {
        if (canResume)
        {
            foreach (HttpContext context in _running.Keys)
            {
                if (context.Response.HasStarted)
                {
                    context.Abort();
                }
            }
        }

        _over.Cancel();
    }

    /// <summary>Cuts off what still runs.</summary>
    public void Abort()
    {
        foreach (HttpContext context in _running.Keys)
        {
            context.Abort();
        }
    }
}
