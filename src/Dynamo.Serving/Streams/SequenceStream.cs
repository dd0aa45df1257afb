using System.Threading.Channels;
using Dynamo.Abstractions.Instances;
using Dynamo.Abstractions.Serving;
using Dynamo.Protocol.Frames;
using Dynamo.Protocol.KV;
using Dynamo.Protocol.Load;
using Dynamo.Protocol.Requests;
using Dynamo.Protocol.Routing;
using Dynamo.Protocol.Wire;

namespace Dynamo.Serving.Streams;

/// <summary>
/// One sequence as its frontend sees it, from worker to worker. Only the current attempt at the next position counts, so a worker that
/// repeats itself or comes back late can neither double nor lose a token; each new attempt begins with all tokens so far and continues the
/// very same text, if its worker rounds as the one before did (<see cref="Exactness"/>). Thread-safe.
/// </summary>
internal sealed class SequenceStream(string model, SequenceSpec sequence, IStreamOwner owner) : ISequenceStream
{
    // Unbounded, but a sequence has at most max_tokens: a slow client holds up neither the worker nor other clients.
    private readonly Channel<SequenceDelta> _deltas = Channel.CreateUnbounded<SequenceDelta>(new UnboundedChannelOptions { SingleReader = true });
    private readonly Lock _lock = new();
    private readonly List<int> _tokens = [.. sequence.PromptTokenIds];
    private Phase _phase = Phase.Dispatching;
    private InstanceKey? _instance;
    private WorkerId _worker;
    private RouteDecision? _decision;
    private RouteInfo? _route;
    private bool _hasBegun;
    private bool _hasRun;
    private int _attempt;
    private int? _numCachedTokens;

    // Of the worker that made the last token.
    private string? _numericsClass;

    private enum Phase
    {
        Dispatching,
        Interrupted,
        Running,
        Over,
    }

    public RequestId Id { get; private init; } = RequestId.New();

    /// <summary>A sequence that another frontend began: the same one, continued behind its first tokens as its next attempt.</summary>
    public static SequenceStream Resumed(FoundSequence found, int position, IStreamOwner owner)
    {
        SequenceSpec sequence = new()
        {
            PromptTokenIds = found.PromptTokenIds,
            Sampling = found.Sampling,
            CacheSalt = found.Request.CacheSalt,
            Origin = found.Origin,
        };
        SequenceStream stream = new(found.Model, sequence, owner) { Id = found.Request.Id, _attempt = found.Request.Attempt, _hasRun = true };
        stream._tokens.AddRange(found.OutputTokenIds.Take(position));
        stream._numericsClass = position > 0 ? found.NumericsClass : null;
        return stream;
    }

    /// <summary>The model that it runs on.</summary>
    public string Model => model;

    /// <summary>The sequence's spans.</summary>
    public SequenceTrace Trace { get; } = new();

    /// <summary>How often it was moved; its mover's.</summary>
    public int NumMoves { get; set; }

    /// <summary>The worker of the last attempt.</summary>
    public WorkerId Worker
    {
        get
        {
            // The stream's owner asks from inside the lock, which may be entered again.
            lock (_lock)
            {
                return _worker;
            }
        }
    }

    /// <summary>Whether nothing more will come.</summary>
    public bool IsOver
    {
        get
        {
            lock (_lock)
            {
                return _phase == Phase.Over;
            }
        }
    }

    /// <summary>Whether any attempt has made tokens.</summary>
    public bool HasTokens
    {
        get
        {
            lock (_lock)
            {
                return Position > 0;
            }
        }
    }

    /// <summary>Whether tokens of the current attempt have come.</summary>
    public bool HasBegun
    {
        get
        {
            lock (_lock)
            {
                return _hasBegun;
            }
        }
    }

    private int Position => _tokens.Count - sequence.PromptTokenIds.Count;

    public string? Abandoned { get; private set; }

    public IAsyncEnumerable<SequenceDelta> ReadAllAsync(CancellationToken cancellationToken) => _deltas.Reader.ReadAllAsync(cancellationToken);

    public RouteInfo? Route
    {
        get
        {
            lock (_lock)
            {
                return _route;
            }
        }
    }

    /// <summary>What to ask the router.</summary>
    /// <param name="blockSize">Tokens of a block; 0 when it is not known.</param>
    /// <param name="excluded">Workers to leave out.</param>
    /// <param name="traceParent">The span that asks, if it is traced.</param>
    public RouteRequest RouteRequest(int blockSize, WorkerId[] excluded, string? traceParent = null)
    {
        lock (_lock)
        {
            return new RouteRequest
            {
                Request = Id,
                Excluded = excluded,
                NumTokens = _tokens.Count,
                Blocks = blockSize == 0 ? [] : BlockKeys.Of(_tokens, sequence.CacheSalt, blockSize),
                BlockSize = blockSize,
                Name = sequence.Name,
                Tenant = sequence.CacheSalt,
                Pinned = _hasRun ? null : sequence.Pinned,
                IsMove = _hasRun,
                NumericsClass = _numericsClass,
                Session = sequence.Session,
                Overrides = sequence.Overrides,
                TraceParent = traceParent,
            };
        }
    }

    /// <summary>Begins the next attempt, at this worker. What earlier attempts still say does not count from now on.</summary>
    /// <param name="instance">The instance.</param>
    /// <param name="decision">The decision that chose its worker.</param>
    /// <param name="traceParent">The span that submits it, if it is traced.</param>
    /// <returns>The request to submit, or <see langword="null"/> when the stream is over.</returns>
    public WireMessage? NextAttempt(InstanceKey instance, RouteDecision decision, string? traceParent = null)
    {
        lock (_lock)
        {
            if (_phase == Phase.Over)
            {
                return null;
            }

            (_phase, _instance, _worker, _hasBegun) = (Phase.Dispatching, instance, decision.Worker!.Value, false);
            _decision = decision;
            return new WireMessage(WireFormat.Encode(new GenerationRequest
            {
                Id = Id,
                Attempt = ++_attempt,
                TokenIds = _tokens,
                NumPromptTokens = sequence.PromptTokenIds.Count,
                Sampling = sequence.Sampling,
                CacheSalt = sequence.CacheSalt,
                Origin = sequence.Origin,
                TraceParent = traceParent,
            }));
        }
    }

    /// <summary>The worker of the current attempt has accepted it.</summary>
    /// <returns><see langword="false"/> when it has given the sequence back meanwhile: try another.</returns>
    public bool TrySettle()
    {
        lock (_lock)
        {
            if (_phase == Phase.Interrupted)
            {
                return false;
            }

            // The stream may be over already.
            _route = _route is { } first ? first with { Worker = _worker } : new RouteInfo(_worker, _decision!.NumOverlapTokens, _decision.HeldMilliseconds);
            if (_phase == Phase.Dispatching)
            {
                _phase = Phase.Running;
                _hasRun = true;
                owner.Settled(this);
            }

            return true;
        }
    }

    /// <summary>The current attempt's outcome is not known or not wanted: whatever became of it there, it shall end.</summary>
    public void AbandonAttempt()
    {
        lock (_lock)
        {
            if (_phase != Phase.Over && _instance is { } instance)
            {
                owner.Abort(instance, new SequenceAttempt(Id, _attempt));
            }
        }
    }

    /// <summary>Takes the sequence away from a worker; it is to be dispatched anew.</summary>
    /// <returns><see langword="false"/> when it does not run there.</returns>
    public bool TryLeave(WorkerId worker)
    {
        lock (_lock)
        {
            if (_phase != Phase.Running || _worker != worker)
            {
                return false;
            }

            _phase = Phase.Dispatching;
            owner.Abort(_instance!.Value, new SequenceAttempt(Id, _attempt));
            return true;
        }
    }

    /// <summary>Ends the stream with an error.</summary>
    public void Fail(string error)
    {
        lock (_lock)
        {
            if (_phase != Phase.Over)
            {
                Write(new SequenceDelta { Id = Id, Attempt = _attempt, Position = Position, TokenIds = [], FinishReason = FinishReason.Error, Error = error });
            }
        }
    }

    /// <summary>Ends the stream because no worker takes it.</summary>
    public void Abandon(string error)
    {
        lock (_lock)
        {
            if (_phase != Phase.Over)
            {
                Abandoned = error;
                Fail(error);
            }
        }
    }

    /// <summary>Another stream goes on with the sequence; this one ends without a word, and leaves its attempt to the other.</summary>
    public void Supersede()
    {
        lock (_lock)
        {
            if (_phase != Phase.Over)
            {
                End();
            }
        }
    }

    /// <summary>Takes news from a worker.</summary>
    /// <returns><see langword="false"/> when they are of an attempt that is not wanted any more: where it runs, it shall end.</returns>
    public bool Accept(SequenceDelta delta)
    {
        lock (_lock)
        {
            // One that was resumed hears nothing before its first attempt here: that makes again what the last one elsewhere still says.
            if (_phase == Phase.Over || delta.Attempt != _attempt || _instance is null)
            {
                return delta.Attempt >= _attempt;
            }

            if (delta.FinishReason == FinishReason.Interrupted)
            {
                Interrupt();
                return true;
            }

            int numKnown = Position - delta.Position;
            if (numKnown < 0)
            {
                // The worker has lost tokens on the way here; another attempt makes them again.
                Interrupt();
            }
            else if (numKnown == 0)
            {
                Write(delta);
            }
            else if (numKnown < delta.TokenIds.Count || (numKnown == delta.TokenIds.Count && delta.FinishReason != FinishReason.None))
            {
                Write(delta with
                {
                    Position = Position,
                    TokenIds = [.. delta.TokenIds.Skip(numKnown)],
                    Logprobs = [.. delta.Logprobs.Skip(numKnown)],
                });
            }

            return true;
        }
    }

    public ValueTask DisposeAsync()
    {
        lock (_lock)
        {
            if (_phase != Phase.Over)
            {
                if (_instance is { } instance)
                {
                    owner.Abort(instance, new SequenceAttempt(Id, _attempt));
                }

                End();
            }
        }

        return ValueTask.CompletedTask;
    }

    private void Interrupt()
    {
        bool wasRunning = _phase == Phase.Running;
        _phase = Phase.Interrupted;
        owner.Abort(_instance!.Value, new SequenceAttempt(Id, _attempt));
        if (wasRunning)
        {
            owner.Interrupted(this);
        }
    }

    private void Write(SequenceDelta delta)
    {
        _tokens.AddRange(delta.TokenIds);
        if (!_hasBegun && delta.TokenIds.Count > 0)
        {
            _hasBegun = true;
            owner.Began(this);
            GoOnIn(_decision?.NumericsClass);
        }

        _numCachedTokens ??= delta.NumCachedTokens;
        _deltas.Writer.TryWrite(delta with { NumCachedTokens = _numCachedTokens.Value });
        if (delta.FinishReason != FinishReason.None)
        {
            End();
        }
    }

    private void GoOnIn(string? numericsClass)
    {
        if (_numericsClass is { } before && numericsClass is { } now && !Exactness.IsKept(before, now))
        {
            owner.MovedInexactly(this, before, now);
        }

        _numericsClass = numericsClass;
    }

    private void End()
    {
        _phase = Phase.Over;
        _deltas.Writer.TryComplete();
        owner.Ended(this);
    }
}
