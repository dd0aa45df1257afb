using Dynamo.Abstractions.Instances;
using Dynamo.Abstractions.Serving;
using Dynamo.Protocol.Wire;

namespace Dynamo.Cluster.Serving;

/// <summary>Asks all instances for a response's sequences, and takes them over as their next attempt.</summary>
internal sealed partial class StreamResumer(
    ModelCatalog catalog,
    StreamTable streams,
    StreamKeeper keeper,
    Dispatcher dispatcher,
    IGrainFactory grains,
    TimeProvider time,
    ILogger<StreamResumer> logger) : IStreamResumer
{
    private static readonly TimeSpan FindPatience = TimeSpan.FromSeconds(1);

    public async Task<IReadOnlyList<FoundSequence>> FindAsync(string responseId, CancellationToken cancellationToken)
    {
        IEnumerable<InstanceKey> instances = catalog.Instances
            .Where(static instance => instance.State is InstanceState.Ready or InstanceState.Draining)
            .Select(static instance => instance.Key);
        IReadOnlyList<FoundSequence>[] found = await Task.WhenAll(instances.Select(instance => FindAsync(instance, responseId))).WaitAsync(cancellationToken);

        // A sequence that was moved may be at several workers; the latest attempt is the one that goes on.
        return [.. found
            .SelectMany(static sequences => sequences)
            .GroupBy(static sequence => sequence.Origin.Index)
            .OrderBy(static choice => choice.Key)
            .Select(static choice => choice.MaxBy(static sequence => sequence.Request.Attempt)!)];
    }

    public async Task<ISequenceStream> ResumeAsync(FoundSequence sequence, int position, CancellationToken cancellationToken)
    {
        SequenceStream stream = SequenceStream.Resumed(sequence, position, keeper);
        streams.Add(stream);
        bool isStarted = false;
        try
        {
            await dispatcher.DispatchAsync(stream, notAt: null, cancellationToken);
            keeper.Abort(sequence.Instance, new SequenceAttempt(sequence.Request.Id, sequence.Request.Attempt));
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

    private async Task<IReadOnlyList<FoundSequence>> FindAsync(InstanceKey instance, string responseId)
    {
        try
        {
            WireMessage[] requests = await grains.GetGrain<IModelInstanceGrain>(instance.ToString()).FindAsync(responseId).WaitAsync(FindPatience, time);
            return [.. requests.Select(request => new FoundSequence(instance, WireFormat.DecodeGenerationRequest(request.Bytes)))];
        }
        catch (Exception e) when (Unreachable.Is(e))
        {
            LogNotAsked(e, instance);
            return [];
        }
    }

    [LoggerMessage(LogLevel.Information, "Instance {Instance} could not be asked for the sequences of a response.")]
    private partial void LogNotAsked(Exception exception, InstanceKey instance);
}
