using Dynamo.Abstractions.Instances;
using Dynamo.Abstractions.Routing;
using Dynamo.Abstractions.Serving;
using Dynamo.Cluster.Routing;
using Dynamo.Protocol.Load;

namespace Dynamo.Cluster.Serving;

/// <summary>Finds a worker that accepts a sequence. Thread-safe.</summary>
internal sealed partial class Dispatcher(
    IGrainFactory grains,
    LocalRouter localRouter,
    ModelCatalog catalog,
    WorkerWatch watch,
    DeathCheck deaths,
    RouterBoard routers,
    ILocalSiloDetails silo,
    TimeProvider time,
    ILogger<Dispatcher> logger)
{
    /// <summary>Without a word from the router for this long, the frontend routes itself (design §4).</summary>
    public static readonly TimeSpan RouterPatience = TimeSpan.FromMilliseconds(100);

    /// <summary>A router answers who waits for a held request after <see cref="HeldWaits.Patience"/>; one that has not for this long has no answer.</summary>
    public static readonly TimeSpan HeldPatience = HeldWaits.Patience + TimeSpan.FromSeconds(1);

    /// <summary>A worker answers a submit at once; one that has not for this long is suspect.</summary>
    public static readonly TimeSpan SubmitPatience = TimeSpan.FromSeconds(1);

    private static readonly TimeSpan RetryAfter = TimeSpan.FromSeconds(1);

    /// <summary>Asks the router, submits, and asks again without the workers that refused, until one accepts.</summary>
    /// <param name="stream">The sequence; begins a new attempt for each submit.</param>
    /// <param name="notAt">A worker to leave out, besides those that are suspect.</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <exception cref="NoWorkerException">No instance is ready.</exception>
    /// <exception cref="OverloadedException">Every instance refuses more work now.</exception>
    /// <exception cref="RequestRefusedException">It can never run.</exception>
    public async Task DispatchAsync(SequenceStream stream, WorkerId? notAt, CancellationToken cancellationToken)
    {
        List<WorkerId> excluded = [.. watch.Suspects];
        if (notAt is { } left)
        {
            excluded.Add(left);
        }

        string? overload = null;
        while (true)
        {
            long start = time.GetTimestamp();
            RouteRequest question = stream.RouteRequest(catalog.BlockSizeOf(stream.Model), [.. excluded]);
            TimeSpan hashing = time.GetElapsedTime(start);
            RouteDecision decision = await RouteAsync(stream.Model, question).WaitAsync(cancellationToken);
            routers.OnAsked(stream.Model, hashing, time.GetElapsedTime(start));
            if (decision.Status == RouteStatus.Held)
            {
                decision = await UntilReleasedAsync(stream.Model, question, cancellationToken);
            }

            if (decision.Status == RouteStatus.Invalid)
            {
                throw new RequestRefusedException("nvext.backend_instance_id", $"Model {stream.Model} is routed by what requests say: {decision.Reason}.");
            }

            if (decision.Instance is not { } instance)
            {
                overload ??= decision.Status == RouteStatus.Overloaded ? decision.Reason : null;
                throw overload is null
                    ? new NoWorkerException($"No worker is ready for model {stream.Model}: {decision.Reason}.")
                    : new OverloadedException($"Model {stream.Model} takes no more requests now: {overload}", RetryAfter);
            }

            if (stream.NextAttempt(instance, decision) is not { } request)
            {
                return;
            }

            SubmitAnswer answer = await SubmitAsync(instance, decision.Worker, stream, request).WaitAsync(cancellationToken);
            switch (answer.Outcome)
            {
                case SubmitOutcome.Accepted when stream.TrySettle():
                    return;
                case SubmitOutcome.Invalid:
                    throw new RequestRefusedException(answer.Parameter ?? "prompt", answer.Message ?? "The request cannot run on this model.");
                case SubmitOutcome.Overloaded:
                    overload = answer.Message;
                    break;
            }

            excluded.Add(decision.Worker);
        }
    }

    private async Task<RouteDecision> RouteAsync(string model, RouteRequest request)
    {
        Task<RouteDecision> asked = AskRouterAsync(model, request);
        try
        {
            RouteDecision decision = await asked.WaitAsync(RouterPatience, time);
            if (decision.Status != RouteStatus.Unavailable)
            {
                return decision;
            }

            // A router that has just come up may know less than this frontend; one that knows as much means what it says.
            return localRouter.NumInstances(model) > decision.NumInstances && RouteLocally(model, request) is { Instance: not null } local ? local : decision;
        }
        catch (Exception e) when (Unreachable.Is(e))
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
        catch (Exception e) when (Unreachable.Is(e))
        {
            return new RouteDecision { Status = RouteStatus.Unavailable, NumInstances = 0, Reason = "the router cannot be reached" };
        }
    }

    // The router is told where the request went, once it hears.
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
        catch (Exception e) when (Unreachable.Is(e))
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
                decision = await grains.GetGrain<IRouterGrain>(model).WaitAsync(request.Request).WaitAsync(HeldPatience, time, cancellationToken);
            }
            catch (Exception e) when (Unreachable.Is(e))
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

    private async Task<SubmitAnswer> SubmitAsync(InstanceKey instance, WorkerId worker, SequenceStream stream, WireMessage request)
    {
        try
        {
            Task<SubmitAnswer> answer = grains.GetGrain<IModelInstanceGrain>(instance.ToString()).SubmitAsync(silo.SiloAddress, request);
            long start = time.GetTimestamp();
            while (!await ComesWithinAsync(answer, DeathCheck.Patience))
            {
                if (await deaths.IsGoneAsync(worker))
                {
                    throw new SiloUnavailableException($"nobody listens at {instance.Head}");
                }

                if (time.GetElapsedTime(start) >= SubmitPatience)
                {
                    throw new TimeoutException($"no answer within {SubmitPatience.TotalSeconds:0} s");
                }
            }

            return await answer;
        }
        catch (Exception e) when (Unreachable.Is(e))
        {
            // It may have been accepted all the same: the next attempt makes this one void, and the worker is told to end it.
            LogNoInstance(e, instance);
            stream.AbandonAttempt();
            watch.Distrust(worker);
            return new SubmitAnswer(SubmitOutcome.NotServing, null, e.Message);
        }
    }

    private async Task<bool> ComesWithinAsync(Task task, TimeSpan patience)
    {
        await task.WaitAsync(patience, time).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        return task.IsCompleted;
    }

    [LoggerMessage(LogLevel.Debug, "The router of model {Model} has not answered; this frontend routes by its own view.")]
    private partial void LogNoRouter(Exception exception, string model);

    [LoggerMessage(LogLevel.Information, "Instance {Instance} has not answered; the request goes to another.")]
    private partial void LogNoInstance(Exception exception, InstanceKey instance);
}
