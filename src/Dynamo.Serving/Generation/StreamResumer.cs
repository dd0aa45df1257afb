using Dynamo.Abstractions.Instances;
using Dynamo.Abstractions.Serving;
using Dynamo.Cluster.Calls;
using Dynamo.Protocol.Wire;
using Dynamo.Serving.Catalog;
using Dynamo.Serving.Dispatch;
using Dynamo.Serving.Streams;

namespace Dynamo.Serving.Generation;

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
    private static readonly TimeSpan AskTimeout = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan FoundTimeout = TimeSpan.FromSeconds(2);
    private static readonly TimeSpan FindTimeout = TimeSpan.FromSeconds(10);
    private static readonly TimeSpan RetryDelay = TimeSpan.FromMilliseconds(50);

    // An instance that does not answer may have what is looked for, so only the word of all of them means that it is nowhere.
    public async Task<IReadOnlyList<FoundSequence>> FindAsync(string responseId, CancellationToken cancellationToken)
    {
        long start = time.GetTimestamp();
        List<(InstanceKey Instance, Task<IReadOnlyList<FoundSequence>?> Answer)> asked = [];
        Dictionary<InstanceKey, IReadOnlyList<FoundSequence>> answers = [];
        while (true)
        {
            InstanceReport[] instances = [.. catalog.Instances.Where(static instance => instance.State is InstanceState.Ready or InstanceState.Draining)];
            InstanceReport[] open = [.. instances.Where(instance => !answers.ContainsKey(instance.Key))];

            // Asked anew, because a question may be lost; an answer to an earlier one counts as well, or one that is slow would never be heard.
            (InstanceKey, Task<IReadOnlyList<FoundSequence>?> Answer)[] asking = [.. open.Select(instance => (instance.Key, AskAsync(instance, responseId)))];
            asked.AddRange(asking);
            Task all = Task.WhenAll(asking.Select(static ask => ask.Answer));
            await all.WaitAsync(AskTimeout, time, cancellationToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            cancellationToken.ThrowIfCancellationRequested();
            foreach ((InstanceKey instance, Task<IReadOnlyList<FoundSequence>?> asks) in asked)
            {
                if (asks.IsCompleted && await asks is { } answer)
                {
                    answers[instance] = answer;
                }
            }

            int numOpen = instances.Count(instance => !answers.ContainsKey(instance.Key));
            List<FoundSequence> found = Newest(answers.Values);
            TimeSpan passed = time.GetElapsedTime(start);
            if ((numOpen == 0 && instances.Length > 0) || (found.Count > 0 && passed >= FoundTimeout))
            {
                return found;
            }

            if (passed >= FindTimeout)
            {
                throw new NoWorkerException(instances.Length == 0
                    ? "This frontend knows no worker yet that could have the response; ask again."
                    : $"{numOpen} of {instances.Length} workers could not be asked for the response; ask again.");
            }

            await Task.Delay(RetryDelay, time, cancellationToken);
        }
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

    // A sequence that was moved may be at several workers; the latest attempt is the one that goes on.
    private static List<FoundSequence> Newest(IEnumerable<IReadOnlyList<FoundSequence>> answers) => [.. answers
        .SelectMany(static sequences => sequences)
        .GroupBy(static sequence => sequence.Origin.Index)
        .OrderBy(static choice => choice.Key)
        .Select(static choice => choice.MaxBy(static sequence => sequence.Request.Attempt)!)];

    private async Task<IReadOnlyList<FoundSequence>?> AskAsync(InstanceReport instance, string responseId)
    {
        try
        {
            WireMessage[] requests = await grains.GetGrain<IModelInstanceGrain>(instance.Key.ToString()).FindAsync(responseId);
            return [.. requests.Select(request => new FoundSequence(instance.Key, WireFormat.DecodeGenerationRequest(request.Bytes), instance.Limits?.NumericsClass))];
        }
        catch (Exception e) when (FailedCalls.IsUnreachable(e))
        {
            LogNotAsked(e, instance.Key);
            return null;
        }
    }

    [LoggerMessage(LogLevel.Information, "Instance {Instance} could not be asked for the sequences of a response.")]
    private partial void LogNotAsked(Exception exception, InstanceKey instance);
}
