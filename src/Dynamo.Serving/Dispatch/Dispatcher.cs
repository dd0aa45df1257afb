using System.Diagnostics;
using Dynamo.Abstractions.Instances;
using Dynamo.Abstractions.Routing;
using Dynamo.Cluster.Calls;
using Dynamo.Cluster.Routing;
using Dynamo.Cluster.Telemetry;
using Dynamo.Protocol.Load;
using Dynamo.Protocol.Requests;
using Dynamo.Protocol.Routing;
using Dynamo.Serving.Catalog;
using Dynamo.Serving.Liveness;
using Dynamo.Serving.Streams;

namespace Dynamo.Serving.Dispatch;

/// <summary>
/// Finds a worker that accepts a sequence. A worker that says nothing is busy, not absent, unless its port says otherwise: others are tried first, and
/// when there are none it is waited for, as long as the caller waits. Thread-safe.
/// </summary>
internal sealed partial class Dispatcher(
    IGrainFactory grains,
    LocalRouter localRouter,
    ModelCatalog catalog,
    WorkerWatch watch,
    Submitter submitter,
    DispatchInstruments instruments,
    TimeProvider time,
    ILogger<Dispatcher> logger)
{
    /// <summary>Without an answer of the router for this long, the frontend routes by its own view: a request must not wait for a router that is lost.</summary>
    public static readonly TimeSpan RouterTimeout = TimeSpan.FromMilliseconds(100);

    /// <summary>A router answers a wait for a held request after <see cref="HeldWaits.Timeout"/>; a router that has not after this long will not.</summary>
    public static readonly TimeSpan HeldTimeout = HeldWaits.Timeout + TimeSpan.FromSeconds(1);

    private static readonly TimeSpan RetryAfter = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan RetryDelay = TimeSpan.FromMilliseconds(250);

    /// <summary>
    /// Asks the router, submits, and asks again without the workers that refused, until one accepts. One that has not answered after
    /// <see cref="Submitter.Timeout"/> loses the sequence to another if there is another; its attempt is void before the next begins.
    /// </summary>
    /// <param name="stream">The sequence; begins a new attempt for each submit.</param>
    /// <param name="notAt">A worker to leave out, besides those that are suspect while there are others.</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <exception cref="NoWorkerException">No instance is ready.</exception>
    /// <exception cref="OverloadedException">Every instance refuses more work now.</exception>
    /// <exception cref="RequestRefusedException">It can never run.</exception>
    public async Task DispatchAsync(SequenceStream stream, WorkerId? notAt, CancellationToken cancellationToken)
    {
        using Activity? span = stream.Trace.BeginDispatch();
        List<WorkerId> refused = notAt is { } left ? [left] : [];
        Submission? open = null;
        string? overload = null;
        while (true)
        {
            RouteDecision decision = await ChooseAsync(stream, refused, open, span, cancellationToken);
            if (open is not { Answer.IsCompleted: true })
            {
                if (decision is { Instance: { } key, Worker: { } worker })
                {
                    InstanceKey instance = InstanceKey.Parse(key);
                    Leave(stream, open);
                    if (stream.NextAttempt(instance, decision, span.TraceParent()) is not { } request)
                    {
                        return;
                    }

                    open = submitter.Submit(instance, worker, request);
                }
                else if (open is null)
                {
                    throw Refusal(stream.Model, decision, overload);
                }

                if (!await submitter.IsAnsweredAsync(open).WaitAsync(cancellationToken))
                {
                    if (stream.IsOver)
                    {
                        return;
                    }

                    open.IsLate = true;
                    if (stream.HasBegun && stream.TrySettle())
                    {
                        // Tokens are an answer too.
                        OnAccepted(stream, open);
                        return;
                    }

                    watch.Distrust(open.Worker);
                    continue;
                }
            }

            switch (await AnswerOf(stream, open))
            {
                case { Status: SubmitStatus.Accepted } when stream.TrySettle():
                    OnAccepted(stream, open);
                    return;
                case { Status: SubmitStatus.Invalid } answer:
                    throw new RequestRefusedException(answer.Parameter ?? "prompt", answer.Message ?? "The request cannot run on this model.");
                case { Status: SubmitStatus.Overloaded } answer:
                    overload = answer.Message;
                    refused.Add(open.Worker);
                    break;
                case null when !open.IsGone:
                    // Not reached, which says nothing of the worker: it is tried again when there is no other.
                    break;
                default:
                    refused.Add(open.Worker);
                    break;
            }

            open = null;
        }
    }

    // Suspects last: they may only be slow. While one has the sequence and has not answered, only another than all of these is worth anything.
    private async Task<RouteDecision> ChooseAsync(SequenceStream stream, List<WorkerId> refused, Submission? open, Activity? span, CancellationToken cancellationToken)
    {
        WorkerId[] suspects = [.. watch.Suspects.Where(suspect => catalog.InstanceOf(suspect)?.Model == stream.Model)];
        IEnumerable<WorkerId> excluded = refused.Union(suspects);
        RouteDecision decision = await DecideAsync(stream, [.. open is null ? excluded : excluded.Append(open.Worker)], span, cancellationToken);
        if (open is not null || decision is not { Instance: null, Status: RouteStatus.Unavailable } || suspects.All(refused.Contains))
        {
            return decision;
        }

        // A worker that cannot be reached may fail each call at once, again and again.
        await Task.Delay(RetryDelay, time, cancellationToken);
        return await DecideAsync(stream, [.. refused], span, cancellationToken);
    }

    private async Task<RouteDecision> DecideAsync(SequenceStream stream, WorkerId[] excluded, Activity? dispatch, CancellationToken cancellationToken)
    {
        using Activity? span = SequenceTrace.BeginRoute(dispatch);
        long start = time.GetTimestamp();
        RouteRequest question = stream.RouteRequest(catalog.BlockSizeOf(stream.Model), excluded, span.TraceParent());
        TimeSpan hashing = time.GetElapsedTime(start);
        RouteDecision decision = await RouteAsync(stream.Model, question).WaitAsync(cancellationToken);
        instruments.OnAsked(stream.Model, hashing, time.GetElapsedTime(start));
        if (decision.Status == RouteStatus.Held)
        {
            decision = await UntilReleasedAsync(stream.Model, question, cancellationToken);
        }

        span?.SetTag("dynamo.route.status", decision.Status.ToString()).SetTag(Labels.WorkerId, decision.Worker?.ToString()).SetTag("dynamo.route.overlap_tokens", decision.NumOverlapTokens);
        return decision.Status == RouteStatus.Invalid
            ? throw new RequestRefusedException("nvext.backend_instance_id", $"Model {stream.Model} is routed by what requests say: {decision.Reason}.")
            : decision;
    }

    private static Exception Refusal(string model, RouteDecision decision, string? overload)
    {
        overload ??= decision.Status == RouteStatus.Overloaded ? decision.Reason : null;
        return overload is null
            ? new NoWorkerException($"No worker is ready for model {model}: {decision.Reason}.")
            : new OverloadedException($"Model {model} takes no more requests now: {overload}", RetryAfter);
    }

    // The worker may have accepted the sequence all the same, or will: the next attempt makes this attempt void, and the worker is told to end it.
    private void Leave(SequenceStream stream, Submission? open)
    {
        if (open is not null)
        {
            LogLeft(open.Instance);
            stream.AbandonAttempt();
        }
    }

    // Null when the worker was not reached.
    private async Task<SubmitResult?> AnswerOf(SequenceStream stream, Submission open)
    {
        try
        {
            return await open.Answer;
        }
        catch (Exception e) when (FailedCalls.IsUnreachable(e))
        {
            LogNoInstance(e, open.Instance);
            stream.AbandonAttempt();
            watch.Distrust(open.Worker);
            return null;
        }
    }

    // Asked for others meanwhile, the router has taken back what it had booked there.
    private void OnAccepted(SequenceStream stream, Submission open)
    {
        if (open.IsLate)
        {
            watch.Clear(open.Worker);
            _ = BookAsync(stream.Model, stream.RouteRequest(catalog.BlockSizeOf(stream.Model), []) with { RunsAt = open.Worker });
        }
    }

    private async Task<RouteDecision> RouteAsync(string model, RouteRequest request)
    {
        Task<RouteDecision> asked = AskRouterAsync(model, request);
        try
        {
            RouteDecision decision = await asked.WaitAsync(RouterTimeout, time);
            if (decision.Status != RouteStatus.Unavailable)
            {
                return decision;
            }

            // A router that has just come up may know less than this frontend; one that knows as much means what it says.
            return localRouter.NumInstances(model) > decision.NumWorkers && RouteLocally(model, request) is { Instance: not null } local ? local : decision;
        }
        catch (Exception e) when (FailedCalls.IsUnreachable(e))
        {
            LogNoRouter(e, model);
            if (RouteLocally(model, request) is { } decision)
            {
                return decision;
            }
        }

        try
        {
            return await asked;
        }
        catch (Exception e) when (FailedCalls.IsUnreachable(e))
        {
            return new RouteDecision { Status = RouteStatus.Unavailable, NumWorkers = 0, Reason = "the router cannot be reached" };
        }
    }

    // The router books the request where it went, once it answers again.
    private RouteDecision? RouteLocally(string model, RouteRequest request)
    {
        RouteDecision? decision = localRouter.Route(model, request);
        if (decision is { Instance: not null })
        {
            _ = BookAsync(model, request with { RunsAt = decision.Worker });
        }

        return decision;
    }

    private async Task BookAsync(string model, RouteRequest request)
    {
        try
        {
            await AskRouterAsync(model, request);
        }
        catch (Exception e) when (FailedCalls.IsUnreachable(e))
        {
            LogNoRouter(e, model);
        }
    }

    // The router holds the request until a worker has room for it. One that is lost meanwhile has a successor, which knows nothing of it.
    private async Task<RouteDecision> UntilReleasedAsync(string model, RouteRequest request, CancellationToken cancellationToken)
    {
        while (true)
        {
            RouteDecision? decision = null;
            try
            {
                decision = await grains.GetGrain<IRouterGrain>(model).WaitAsync(request.Request, cancellationToken).WaitAsync(HeldTimeout, time, cancellationToken);
            }
            catch (Exception e) when (FailedCalls.IsUnreachable(e))
            {
                LogNoRouter(e, model);
            }

            decision ??= await RouteAsync(model, request).WaitAsync(cancellationToken);
            if (decision.Status != RouteStatus.Held)
            {
                return decision;
            }
        }
    }

    private async Task<RouteDecision> AskRouterAsync(string model, RouteRequest request) => await grains.GetGrain<IRouterGrain>(model).RouteAsync(request);

    [LoggerMessage(LogLevel.Debug, "The router of model {Model} has not answered; this frontend routes by its own view.")]
    private partial void LogNoRouter(Exception exception, string model);

    [LoggerMessage(LogLevel.Information, "Instance {Instance} has not answered; the request goes to another.")]
    private partial void LogLeft(InstanceKey instance);

    [LoggerMessage(LogLevel.Debug, "Instance {Instance} was not reached.")]
    private partial void LogNoInstance(Exception exception, InstanceKey instance);
}
