using Dynamo.Protocol.Requests;
using Dynamo.Protocol.Routing;

namespace Dynamo.Cluster.Routing;

/// <summary>
/// The callers that wait for a decision about a held request. Each waits by calls of some seconds, one after the other, which shows that it is still there.
/// Not thread-safe.
/// </summary>
public sealed class HeldWaits(TimeProvider time)
{
    /// <summary>How long one call may wait; its frontend then asks again.</summary>
    public static readonly TimeSpan Timeout = TimeSpan.FromSeconds(4);

    /// <summary>A held request is given up after so long without a waiting caller.</summary>
    public static readonly TimeSpan AbandonTimeout = TimeSpan.FromSeconds(15);

    private readonly Dictionary<RequestId, Wait> _waits = [];

    /// <summary>Prompt tokens of those about which nothing is decided.</summary>
    public long NumTokens => _waits.Values.Sum(static wait => wait.Decision.Task.IsCompleted ? 0L : wait.NumTokens);

    /// <summary>Held requests that no caller has waited for in a long time.</summary>
    public RequestId[] Abandoned => [.. _waits.Where(pair => time.GetElapsedTime(pair.Value.AskedAt) >= AbandonTimeout).Select(static pair => pair.Key)];

    /// <summary>A request is held.</summary>
    /// <param name="request">The request, which does not wait yet.</param>
    /// <param name="name">What the client calls the response.</param>
    /// <param name="numTokens">Tokens of its prompt.</param>
    public void Add(RequestId request, string name, int numTokens) => _waits.Add(request, new Wait(name, numTokens, time.GetTimestamp()));

    /// <summary>Waits for what is decided about a request, once.</summary>
    /// <param name="request">The request.</param>
    /// <param name="held">What to say when it is still held.</param>
    /// <param name="cancellationToken">Withdraws the request.</param>
    /// <returns>The decision; <paramref name="held"/> after <see cref="Timeout"/>; <see langword="null"/> when it does not wait, or not any more.</returns>
    /// <exception cref="OperationCanceledException">It is withdrawn. A decision that was made reaches no caller.</exception>
    public async Task<RouteDecision?> WaitAsync(RequestId request, Func<RouteDecision> held, CancellationToken cancellationToken)
    {
        if (!_waits.TryGetValue(request, out Wait? wait))
        {
            return null;
        }

        wait.AskedAt = time.GetTimestamp();
        Task<RouteDecision> decided = wait.Decision.Task;
        await ((Task)decided).WaitAsync(Timeout, time, cancellationToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing | ConfigureAwaitOptions.ContinueOnCapturedContext);

        // False when the request was routed anew meanwhile: another call waits for it now.
        bool isLast = _waits.GetValueOrDefault(request) == wait;
        if (isLast && cancellationToken.IsCancellationRequested)
        {
            Withdraw(request);
            throw new OperationCanceledException(cancellationToken);
        }

        if (decided.IsCompletedSuccessfully)
        {
            if (isLast)
            {
                _waits.Remove(request);
            }

            return await decided;
        }

        wait.AskedAt = time.GetTimestamp();
        return decided.IsCompleted ? null : held();
    }

    /// <summary>Something was decided about a request.</summary>
    /// <param name="request">The request.</param>
    /// <param name="decision">What.</param>
    /// <param name="name">What the client calls the response.</param>
    /// <param name="numTokens">Tokens of its prompt.</param>
    /// <returns><see langword="false"/> when it does not wait.</returns>
    public bool TryDecide(RequestId request, RouteDecision decision, out string name, out int numTokens)
    {
        Wait? wait = _waits.GetValueOrDefault(request);
        (name, numTokens) = (wait?.Name ?? "", wait?.NumTokens ?? 0);
        return wait?.Decision.TrySetResult(decision) ?? false;
    }

    /// <summary>A request is no longer held; its waiting callers are answered that nothing is known of it.</summary>
    public void Withdraw(RequestId request)
    {
        if (_waits.Remove(request, out Wait? wait))
        {
            wait.Decision.TrySetCanceled();
        }
    }

    private sealed class Wait(string name, int numTokens, long askedAt)
    {
        public string Name { get; } = name;

        public int NumTokens { get; } = numTokens;

        public TaskCompletionSource<RouteDecision> Decision { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public long AskedAt { get; set; } = askedAt;
    }
}
