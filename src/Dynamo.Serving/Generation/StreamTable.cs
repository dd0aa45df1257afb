using System.Collections.Concurrent;
using Dynamo.Abstractions.Serving;
using Dynamo.Protocol.Frames;
using Dynamo.Protocol.Requests;
using Dynamo.Serving.Liveness;
using Dynamo.Serving.Streams;

namespace Dynamo.Serving.Generation;

/// <summary>The sequences that this frontend waits for, by identity. Thread-safe.</summary>
internal sealed class StreamTable(WorkerWatch watch)
{
    private readonly ConcurrentDictionary<RequestId, SequenceStream> _streams = [];

    /// <summary>Adds a stream, before any worker hears of it. One of the same identity, whose client has come back here, is over.</summary>
    public void Add(SequenceStream stream)
    {
        SequenceStream? before = null;
        _streams.AddOrUpdate(stream.Id, stream, (_, known) =>
        {
            before = known;
            return stream;
        });
        before?.Supersede();
    }

    /// <summary>Removes a stream whose client waits no longer.</summary>
    /// <returns><see langword="false"/> when another of the same identity has its place.</returns>
    public bool TryRemove(SequenceStream stream) => _streams.TryRemove(KeyValuePair.Create(stream.Id, stream));

    /// <summary>Hands the deltas of a frame to their streams.</summary>
    /// <returns>Sequences that no client waits for here, or not in this attempt: a submit may arrive long after it was given up, and behind the word that it was.</returns>
    public SequenceAttempt[] Accept(StepFrame frame)
    {
        watch.OnFrame(frame.Worker);
        List<SequenceAttempt> unknown = [];
        for (int i = 0; i < frame.Deltas.Count; i++)
        {
            SequenceDelta delta = frame.Deltas[i];
            bool isWanted = _streams.TryGetValue(delta.Id, out SequenceStream? stream) && stream.Accept(delta);
            if (!isWanted && delta.FinishReason == FinishReason.None)
            {
                unknown.Add(new SequenceAttempt(delta.Id, delta.Attempt));
            }
        }

        return [.. unknown];
    }
}
