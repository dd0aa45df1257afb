using Dynamo.Abstractions.Instances;
using Dynamo.Abstractions.Routing;
using Dynamo.Abstractions.Serving;
using Dynamo.Protocol.Load;
using Dynamo.Protocol.Requests;
using Dynamo.Protocol.Wire;

namespace Dynamo.Cluster.Serving;

/// <summary>Routes each sequence by the model's router grain, submits it to an instance's grain, and follows it through the response plane.</summary>
internal sealed partial class Generator(IGrainFactory grains, StreamTable streams, SequenceAborter aborter, ILocalSiloDetails silo, ILogger<Generator> logger) : IGenerator
{
    private static readonly TimeSpan RetryAfter = TimeSpan.FromSeconds(1);

    public async Task<ISequenceStream> StartAsync(string model, SequenceSpec sequence, CancellationToken cancellationToken)
    {
        SequenceStream stream = new(aborter);
        streams.Add(stream);
        bool isStarted = false;
        try
        {
            await DispatchAsync(model, stream, sequence, cancellationToken);
            isStarted = true;
            return stream;
        }
        finally
        {
            if (!isStarted)
            {
                await stream.DisposeAsync();
            }
        }
    }

    // Asks the router again without those that refused, until one accepts or none is left.
    private async Task DispatchAsync(string model, SequenceStream stream, SequenceSpec sequence, CancellationToken cancellationToken)
    {
        WireMessage message = new(WireFormat.Encode(new GenerationRequest
        {
            Id = stream.Id,
            Attempt = stream.Attempt,
            TokenIds = sequence.PromptTokenIds,
            NumPromptTokens = sequence.PromptTokenIds.Count,
            Sampling = sequence.Sampling,
            CacheSalt = sequence.CacheSalt,
        }));
        List<WorkerId> excluded = [];
        string? overload = null;
        while (true)
        {
            RouteDecision decision = await RouteAsync(model, new RouteRequest { Request = stream.Id, Excluded = [.. excluded] }).WaitAsync(cancellationToken);
            if (decision.Instance is not { } instance)
            {
                throw overload is null
                    ? new NoWorkerException($"No worker is ready for model {model}: {decision.Reason}.")
                    : new OverloadedException($"Model {model} takes no more requests now: {overload}", RetryAfter);
            }

            stream.SentTo(instance);
            SubmitAnswer answer = await SubmitAsync(instance, message).WaitAsync(cancellationToken);
            switch (answer.Outcome)
            {
                case SubmitOutcome.Accepted:
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
        try
        {
            return await grains.GetGrain<IRouterGrain>(model).RouteAsync(request);
        }
        catch (Exception e) when (IsUnreachable(e))
        {
            LogNoRouter(e, model);
            return new RouteDecision { NumInstances = 0, Reason = "the router cannot be reached" };
        }
    }

    private async Task<SubmitAnswer> SubmitAsync(InstanceKey instance, WireMessage message)
    {
        try
        {
            return await grains.GetGrain<IModelInstanceGrain>(instance.ToString()).SubmitAsync(silo.SiloAddress, message);
        }
        catch (Exception e) when (IsUnreachable(e))
        {
            LogNoInstance(e, instance);
            return new SubmitAnswer(SubmitOutcome.NotServing, null, e.Message);
        }
    }

    // An ArgumentException comes from a grain type that no silo here hosts yet.
    private static bool IsUnreachable(Exception e) => e is SiloUnavailableException or OrleansMessageRejectionException or TimeoutException or ArgumentException;

    [LoggerMessage(LogLevel.Warning, "The router of model {Model} cannot be reached.")]
    private partial void LogNoRouter(Exception exception, string model);

    [LoggerMessage(LogLevel.Warning, "Instance {Instance} cannot be reached; the request goes to another.")]
    private partial void LogNoInstance(Exception exception, InstanceKey instance);
}
