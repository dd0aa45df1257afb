using System.Threading.Channels;
using Dynamo.Abstractions.Instances;
using Dynamo.Abstractions.Serving;
using Dynamo.Protocol.Frames;
using Dynamo.Protocol.Requests;

namespace Dynamo.Cluster.Serving;

/// <summary>
/// One sequence as its frontend sees it. Only the current attempt at the next position counts, so a worker that repeats itself or comes back
/// late can neither double nor lose a token.
/// </summary>
internal sealed class SequenceStream(IStreamOwner owner) : ISequenceStream
{
    // Unbounded, but a sequence has at most max_tokens: a slow client holds up neither the worker nor other clients.
    private readonly Channel<SequenceDelta> _deltas = Channel.CreateUnbounded<SequenceDelta>(new UnboundedChannelOptions { SingleReader = true });
    private readonly Lock _lock = new();
    private InstanceKey? _instance;
    private int _attempt = 1;
    private int _position;
    private bool _isOver;

    public RequestId Id { get; } = RequestId.New();

    /// <summary>The dispatch whose tokens count.</summary>
    public int Attempt => Volatile.Read(ref _attempt);

    public IAsyncEnumerable<SequenceDelta> ReadAllAsync(CancellationToken cancellationToken) => _deltas.Reader.ReadAllAsync(cancellationToken);

    /// <summary>Remembers where the sequence was sent, so that it can be ended there.</summary>
    public void SentTo(InstanceKey instance)
    {
        lock (_lock)
        {
            _instance = instance;
        }
    }

    /// <summary>Takes news from a worker.</summary>
    public void Accept(SequenceDelta delta)
    {
        lock (_lock)
        {
            if (_isOver || delta.Attempt != _attempt)
            {
                return;
            }

            if (delta.Position > _position)
            {
                Write(delta with
                {
                    Position = _position,
                    TokenIds = [],
                    Logprobs = [],
                    FinishReason = FinishReason.Error,
                    Error = $"The worker went on at position {delta.Position} where {_position} was next.",
                });
                return;
            }

            int numKnown = _position - delta.Position;
            if (numKnown > delta.TokenIds.Count)
            {
                return;
            }

            if (numKnown == 0)
            {
                Write(delta);
            }
            else if (numKnown < delta.TokenIds.Count || delta.FinishReason != FinishReason.None)
            {
                Write(delta with
                {
                    Position = _position,
                    TokenIds = [.. delta.TokenIds.Skip(numKnown)],
                    Logprobs = [.. delta.Logprobs.Skip(numKnown)],
                });
            }
        }
    }

    public ValueTask DisposeAsync()
    {
        lock (_lock)
        {
            bool wasOver = _isOver;
            _isOver = true;
            _deltas.Writer.TryComplete();
            owner.Forget(Id);
            if (!wasOver && _instance is { } instance)
            {
                owner.Abort(instance, new SequenceAttempt(Id, _attempt));
            }
        }

        return ValueTask.CompletedTask;
    }

    private void Write(SequenceDelta delta)
    {
        _position += delta.TokenIds.Count;
        _deltas.Writer.TryWrite(delta);
        if (delta.FinishReason != FinishReason.None)
        {
            _isOver = true;
            _deltas.Writer.TryComplete();
            owner.Forget(Id);
        }
    }
}
