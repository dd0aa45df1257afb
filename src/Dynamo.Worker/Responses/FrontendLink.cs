using System.Threading.Channels;
using Dynamo.Abstractions.Serving;
using Dynamo.Engine.Loop;
using Dynamo.Protocol.Frames;
using Dynamo.Protocol.Requests;
using Dynamo.Worker.Telemetry;

namespace Dynamo.Worker.Responses;

/// <summary>
/// Carries the tokens of one engine to one frontend: exactly one frame is in flight, and what the engine says meanwhile goes into the next.
/// A frame whose call failed is sent again, so frames keep their order and none is lost. Thread-safe.
/// </summary>
internal sealed partial class FrontendLink
{
    /// <summary>Pause before a failed frame is sent again.</summary>
    public static readonly TimeSpan RetryDelay = TimeSpan.FromMilliseconds(100);

    /// <summary>How long a frontend may be out of reach before its sequences are cancelled: until then its clients may come back through another frontend.</summary>
    public static readonly TimeSpan Timeout = TimeSpan.FromSeconds(30);

    private readonly SiloAddress _frontend;
    private readonly FrameBuilder _frames;
    private readonly ILlmEngine _engine;
    private readonly IFrontendSender _sender;
    private readonly WorkMeter _meter;
    private readonly TimeProvider _time;
    private readonly ILogger _logger;
    private readonly Channel<bool> _signal = Channel.CreateBounded<bool>(new BoundedChannelOptions(1) { FullMode = BoundedChannelFullMode.DropWrite });
    private readonly Lock _lock = new();
    private readonly Dictionary<RequestId, Work> _live = [];
    private List<SequenceOutput> _pending = [];
    private List<SequenceOutput> _sending = [];
    private bool _isIdleDue;
    private bool _isSending;
    private int _numTraced;

    public FrontendLink(SiloAddress frontend, FrameBuilder frames, ILlmEngine engine, IFrontendSender sender, WorkMeter meter, TimeProvider time, ILogger logger) =>
        (_frontend, _frames, _engine, _sender, _meter, _time, _logger) = (frontend, frames, engine, sender, meter, time, logger);

    /// <summary>Ends when the last frame is delivered or given up.</summary>
    public Task Ended { get; private set; } = Task.CompletedTask;

    /// <summary>Sequences that are not over.</summary>
    public RequestId[] Live
    {
        get
        {
            lock (_lock)
            {
                return [.. _live.Keys];
            }
        }
    }

    /// <summary>Sequences whose end is not yet in a frame.</summary>
    public int NumLive
    {
        get
        {
            lock (_lock)
            {
                return _live.Count;
            }
        }
    }

    /// <summary>Whether there is output that the frontend has not accepted yet.</summary>
    public bool HasPending
    {
        get
        {
            lock (_lock)
            {
                return _pending.Count > 0 || _isSending;
            }
        }
    }

    /// <summary>Begins to deliver.</summary>
    public void Start(CancellationToken cancellationToken) => Ended = Task.Run(() => RunAsync(cancellationToken), CancellationToken.None);

    /// <summary>Counts a sequence as live here; called before the engine can say anything of it.</summary>
    /// <param name="id">The sequence.</param>
    /// <param name="attempt">Which attempt.</param>
    /// <param name="traceParent">The span that asked for it, if it is traced.</param>
    /// <returns><see langword="false"/> when this attempt or a later one is counted already.</returns>
    public bool Track(RequestId id, int attempt, string? traceParent)
    {
        lock (_lock)
        {
            if (_live.TryGetValue(id, out Work? known))
            {
                if (known.Attempt >= attempt)
                {
                    return false;
                }

                End(id, known, WorkEnd.Cancelled);
            }

            Work work = new(attempt, _meter, _time, traceParent);
            _live[id] = work;
            _numTraced += work.IsTraced ? 1 : 0;
            return true;
        }
    }

    /// <summary>Forgets a sequence in this attempt or an older one.</summary>
    /// <param name="id">The sequence.</param>
    /// <param name="attempt">Which attempt.</param>
    /// <param name="end">Why.</param>
    public void Untrack(RequestId id, int attempt, WorkEnd end)
    {
        lock (_lock)
        {
            if (_live.TryGetValue(id, out Work? known) && known.Attempt <= attempt)
            {
                End(id, known, end);
            }
        }
    }

    /// <summary>Enqueues one output; <see cref="Signal"/> lets it go.</summary>
    public void Add(in SequenceOutput output)
    {
        lock (_lock)
        {
            _pending.Add(output);
            // Most tokens are neither the last nor of a request that is traced, and cost nothing more.
            if ((output.FinishReason == FinishReason.None && _numTraced == 0) || !_live.TryGetValue(output.Id, out Work? work) || work.Attempt != output.Attempt)
            {
                return;
            }

            if (output.TokenId is not null)
            {
                work.OnToken(work.IsTraced ? _engine.Load.Step : 0);
            }

            if (output.FinishReason != FinishReason.None)
            {
                End(output.Id, work, WorkEnds.Of(output.FinishReason));
            }
        }
    }

    /// <summary>Lets what was added go as soon as no frame is in flight.</summary>
    public void Signal() => _signal.Writer.TryWrite(true);

    /// <summary>A frame is due even without output, when there are live sequences.</summary>
    public void OnIdle()
    {
        lock (_lock)
        {
            if (_live.Count == 0)
            {
                return;
            }

            _isIdleDue = true;
        }

        Signal();
    }

    /// <summary>Ends every live sequence with an output that says that it was interrupted.</summary>
    /// <returns>How many there were.</returns>
    public int GiveBack()
    {
        SequenceAttempt[] live = RemoveLive(WorkEnd.GivenBack);
        foreach (SequenceAttempt sequence in live)
        {
            _engine.Abort(sequence.Id, sequence.Attempt);
            Add(new SequenceOutput { Id = sequence.Id, Attempt = sequence.Attempt, Position = 0, FinishReason = FinishReason.Interrupted });
        }

        Signal();
        return live.Length;
    }

    /// <summary>Nothing is added after this.</summary>
    public void Complete()
    {
        Signal();
        _signal.Writer.TryComplete();
    }

    private async Task RunAsync(CancellationToken cancellationToken)
    {
        try
        {
            while (await _signal.Reader.WaitToReadAsync(cancellationToken))
            {
                _signal.Reader.TryRead(out _);
                if (TryDequeue())
                {
                    WireMessage frame = new(_frames.Build(_sending, _engine.Load));
                    _sending.Clear();
                    await DeliverAsync(frame, cancellationToken);
                    _meter.OnFrame(frame.Bytes.Length);
                    OnSent();
                }
            }
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
            // The engine is closing and the frontend has not taken the last frames in time.
        }
    }

    private void OnSent()
    {
        lock (_lock)
        {
            _isSending = false;
        }
    }

    private bool TryDequeue()
    {
        lock (_lock)
        {
            if (_pending.Count == 0 && !_isIdleDue)
            {
                return false;
            }

            (_pending, _sending) = (_sending, _pending);
            _isIdleDue = false;
            _isSending = true;
            return true;
        }
    }

    private async Task DeliverAsync(WireMessage frame, CancellationToken cancellationToken)
    {
        long start = _time.GetTimestamp();
        while (true)
        {
            try
            {
                Abort(await _sender.DeliverAsync(_frontend, frame).WaitAsync(cancellationToken));
                return;
            }
            catch (Exception e) when (e is not OperationCanceledException || !cancellationToken.IsCancellationRequested)
            {
                if (_time.GetElapsedTime(start) >= Timeout)
                {
                    SequenceAttempt[] lost = RemoveLive(WorkEnd.Unheard);
                    DropPending();
                    LogGivenUp(e, _frontend, Timeout, lost.Length);
                    Abort(lost);
                    return;
                }

                LogRetry(e, _frontend);
                await Task.Delay(RetryDelay, _time, cancellationToken);
            }
        }
    }

    private SequenceAttempt[] RemoveLive(WorkEnd end)
    {
        lock (_lock)
        {
            SequenceAttempt[] live = [.. _live.Select(static pair => new SequenceAttempt(pair.Key, pair.Value.Attempt))];
            foreach (SequenceAttempt sequence in live)
            {
                End(sequence.Id, _live[sequence.Id], end);
            }

            return live;
        }
    }

    // Under the lock.
    private void End(RequestId id, Work work, WorkEnd end)
    {
        _live.Remove(id);
        _numTraced -= work.IsTraced ? 1 : 0;
        work.End(end, work.IsTraced ? _engine.Load.Step : 0);
    }

    private void DropPending()
    {
        lock (_lock)
        {
            _pending.Clear();
        }
    }

    private void Abort(SequenceAttempt[] sequences)
    {
        foreach (SequenceAttempt sequence in sequences)
        {
            Untrack(sequence.Id, sequence.Attempt, WorkEnd.Cancelled);
            _engine.Abort(sequence.Id, sequence.Attempt);
        }
    }

    [LoggerMessage(LogLevel.Debug, "A frame to frontend {Frontend} was not taken; it is sent again.")]
    private partial void LogRetry(Exception exception, SiloAddress frontend);

    [LoggerMessage(LogLevel.Warning, "Frontend {Frontend} has been out of reach for {Timeout}; {NumSequences} sequences are cancelled.")]
    private partial void LogGivenUp(Exception exception, SiloAddress frontend, TimeSpan timeout, int numSequences);
}
