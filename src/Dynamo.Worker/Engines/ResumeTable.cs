using System.Runtime.InteropServices;
using Dynamo.Engine.Loop;
using Dynamo.Protocol.Frames;
using Dynamo.Protocol.Requests;

namespace Dynamo.Worker.Engines;

/// <summary>
/// Keeps the tokens of streamed sequences, and for a while after their end, so that another frontend can go on with a response whose own frontend is
/// gone. Thread-safe.
/// </summary>
internal sealed class ResumeTable(TimeProvider time)
{
    /// <summary>How long a sequence that has ended is kept: a client whose frontend died asks another frontend for it within this time.</summary>
    public static readonly TimeSpan Retention = TimeSpan.FromSeconds(30);

    private readonly Lock _lock = new();
    private readonly Dictionary<RequestId, Entry> _entries = [];
    private readonly Queue<(RequestId Id, long EndedAt)> _ended = [];

    /// <summary>Begins to keep a sequence, if it has an origin; an earlier attempt of it is forgotten.</summary>
    public void Add(GenerationRequest request)
    {
        if (request.Origin is null)
        {
            return;
        }

        lock (_lock)
        {
            Purge();
            ref Entry? entry = ref CollectionsMarshal.GetValueRefOrAddDefault(_entries, request.Id, out _);
            if (entry is null || entry.Request.Attempt < request.Attempt)
            {
                entry = new Entry(request);
            }
        }
    }

    /// <summary>Appends one output of the engine.</summary>
    public void Append(in SequenceOutput output)
    {
        lock (_lock)
        {
            if (_entries.TryGetValue(output.Id, out Entry? entry) && entry.Request.Attempt == output.Attempt)
            {
                if (output.TokenId is { } token)
                {
                    entry.Tokens.Add(token);
                }

                if (output.FinishReason != FinishReason.None)
                {
                    _ended.Enqueue((output.Id, time.GetTimestamp()));
                }
            }
        }
    }

    /// <summary>Forgets a sequence in this attempt or an older one: its frontend does not want it any more.</summary>
    public void Remove(RequestId id, int attempt)
    {
        lock (_lock)
        {
            if (_entries.TryGetValue(id, out Entry? entry) && entry.Request.Attempt <= attempt)
            {
                _entries.Remove(id);
            }
        }
    }

    /// <summary>The sequences of a response, each with all its tokens so far.</summary>
    public List<GenerationRequest> Find(string responseId)
    {
        lock (_lock)
        {
            Purge();
            return [.. _entries.Values
                .Where(entry => entry.Request.Origin!.ResponseId == responseId)
                .Select(static entry => entry.Request with { TokenIds = [.. entry.Tokens] })];
        }
    }

    private void Purge()
    {
        while (_ended.TryPeek(out (RequestId Id, long EndedAt) first) && time.GetElapsedTime(first.EndedAt) > Retention)
        {
            _ended.Dequeue();
            _entries.Remove(first.Id);
        }
    }

    private sealed class Entry(GenerationRequest request)
    {
        public GenerationRequest Request => request;

        public List<int> Tokens { get; } = [.. request.TokenIds];
    }
}
