using System.Collections.Concurrent;
using Dynamo.Cluster.Membership;
using Dynamo.Frontend.Access;
using Dynamo.Frontend.Errors;
using Microsoft.AspNetCore.Http;

namespace Dynamo.Frontend.Admission;

/// <summary>
/// Lets requests in while the process is a member of its cluster, and knows those that run. Before, and while it leaves, clients are told when to
/// try again; how the process is can be asked at any time. Thread-safe.
/// </summary>
internal sealed class RequestGate(NodeState state)
{
    private readonly ConcurrentDictionary<HttpContext, bool> _running = [];
    private readonly CancellationTokenSource _over = new();

    /// <summary>Whether the process is leaving.</summary>
    public bool IsLeaving => state.Phase == NodePhase.Leaving;

    /// <summary>Cancelled when requests that still run have no more time.</summary>
    public CancellationToken Over => _over.Token;

    /// <summary>Requests that run.</summary>
    public int NumRunning => _running.Count;

    /// <summary>Lets a request in and follows it to its end.</summary>
    /// <param name="context">The request.</param>
    /// <param name="audience">Whom its path is for; what is for everybody is always answered.</param>
    /// <param name="next">Answers it.</param>
    /// <exception cref="ApiException">503: the process is not yet a member of its cluster, or, to clients, leaves it.</exception>
    public async Task RunAsync(HttpContext context, Audience audience, RequestDelegate next)
    {
        if (audience != Audience.Everybody && state.Phase == NodePhase.Starting)
        {
            throw ApiException.Starting();
        }

        if (audience != Audience.Clients)
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
                throw ApiException.Leaving();
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
