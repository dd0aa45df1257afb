using Dynamo.Abstractions.Serving;
using Dynamo.Engine.Loop;
using Dynamo.Protocol.Load;
using Dynamo.Protocol.Requests;
using Dynamo.Worker.Telemetry;

namespace Dynamo.Worker.Responses;

/// <summary>All links of one engine, one for each frontend that has sent it sequences. Thread-safe.</summary>
internal sealed class ResponsePlane : IAsyncDisposable
{
    /// <summary>How often a frontend with live sequences gets a frame when there is no output: by missing frames it notices a worker that is lost.</summary>
    public static readonly TimeSpan IdleInterval = TimeSpan.FromMilliseconds(250);

    private static readonly TimeSpan CloseTimeout = TimeSpan.FromSeconds(1);

    private readonly ILlmEngine _engine;
    private readonly WorkerId _worker;
    private readonly long _generation;
    private readonly IFrontendSender _sender;
    private readonly WorkMeter _meter;
    private readonly TimeProvider _time;
    private readonly ILogger _logger;
    private readonly Lock _lock = new();
    private readonly Dictionary<SiloAddress, FrontendLink> _links = [];
    private readonly List<FrontendLink> _touched = [];
    private readonly CancellationTokenSource _closing = new();
    private readonly ITimer _idleTimer;
    private bool _isComplete;
    private bool _isTicking;

    public ResponsePlane(ILlmEngine engine, WorkerId worker, long generation, IFrontendSender sender, WorkMeter meter, TimeProvider time, ILogger logger)
    {
        (_engine, _worker, _generation, _sender, _meter, _time, _logger) = (engine, worker, generation, sender, meter, time, logger);
        _idleTimer = time.CreateTimer(static plane => ((ResponsePlane)plane!).OnIdle(), this, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
    }

    /// <summary>The link to a frontend.</summary>
    public FrontendLink Open(SiloAddress frontend)
    {
        lock (_lock)
        {
            if (!_links.TryGetValue(frontend, out FrontendLink? link))
            {
                link = new FrontendLink(frontend, new FrameBuilder(_worker, _generation), _engine, _sender, _meter, _time, _logger);
                _links.Add(frontend, link);
                link.Start(_closing.Token);
                if (_isComplete)
                {
                    link.Complete();
                }
            }

            return link;
        }
    }

    /// <summary>A link tracks a sequence from now on: its frontend gets frames even without output.</summary>
    public void OnTracked()
    {
        lock (_lock)
        {
            if (!_isTicking)
            {
                _isTicking = true;
                _idleTimer.Change(IdleInterval, IdleInterval);
            }
        }
    }

    /// <summary>Enqueues the outputs of a step. The engine thread's.</summary>
    public void Add(ReadOnlySpan<SequenceOutput> outputs)
    {
        foreach (ref readonly SequenceOutput output in outputs)
        {
            FrontendLink link = (FrontendLink)output.Tag!;
            link.Add(in output);
            if (!_touched.Contains(link))
            {
                _touched.Add(link);
            }
        }

        // Signalled only now, so that one frame carries the whole step.
        foreach (FrontendLink link in _touched)
        {
            link.Signal();
        }

        _touched.Clear();
    }

    /// <summary>Ends a sequence wherever its tokens go.</summary>
    public void Abort(SequenceAttempt sequence)
    {
        foreach (FrontendLink link in Links())
        {
            link.Untrack(sequence.Id, sequence.Attempt, WorkEnd.Cancelled);
        }

        _engine.Abort(sequence.Id, sequence.Attempt);
    }

    /// <summary>Sequences whose end is not yet in a frame.</summary>
    public int NumLive => Links().Sum(static link => link.NumLive);

    /// <summary>Sequences that are not over.</summary>
    public IReadOnlyList<RequestId> Live => [.. Links().SelectMany(static link => link.Live)];

    /// <summary>Ends every live sequence here and tells its frontend that it can go on elsewhere.</summary>
    /// <returns>How many there were.</returns>
    public int GiveBack() => Links().Sum(static link => link.GiveBack());

    /// <summary>Waits until frontends have accepted all output so far, at most for the timeout.</summary>
    public async Task FlushAsync(TimeSpan timeout)
    {
        long start = _time.GetTimestamp();
        while (Links().Any(static link => link.HasPending) && _time.GetElapsedTime(start) < timeout)
        {
            await Task.Delay(FrontendLink.RetryDelay / 10, _time);
        }
    }

    /// <summary>No output comes after this; links end once they have delivered what they hold.</summary>
    public void Complete()
    {
        lock (_lock)
        {
            _isComplete = true;
        }

        foreach (FrontendLink link in Links())
        {
            link.Complete();
        }
    }

    /// <summary>Waits a moment for the last frames, then closes every link.</summary>
    public async ValueTask DisposeAsync()
    {
        Complete();
        await _idleTimer.DisposeAsync();
        _closing.CancelAfter(CloseTimeout);
        await Task.WhenAll(Links().Select(static link => link.Ended));
        _closing.Dispose();
    }

    private void OnIdle()
    {
        lock (_lock)
        {
            if (_links.Values.All(static link => link.NumLive == 0))
            {
                _isTicking = false;
                _idleTimer.Change(Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
                return;
            }
        }

        foreach (FrontendLink link in Links())
        {
            link.OnIdle();
        }
    }

    private FrontendLink[] Links()
    {
        lock (_lock)
        {
            return [.. _links.Values];
        }
    }
}
