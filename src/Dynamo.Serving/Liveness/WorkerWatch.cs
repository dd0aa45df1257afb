using Dynamo.Protocol.Load;
using Dynamo.Serving.Streams;

namespace Dynamo.Serving.Liveness;

/// <summary>
/// Notices workers that have fallen silent: one that runs sequences of this frontend sends a frame at least every 250 ms. Silence is an
/// opinion, not a fact: the worker is not used for a while and its sequences go elsewhere; should it come back, its frames are of an older
/// attempt. Thread-safe.
/// </summary>
internal sealed class WorkerWatch(TimeProvider time)
{
    /// <summary>Silence after which a worker is suspect: three of the frames that are due each 250 ms were missed.</summary>
    public static readonly TimeSpan SilenceTimeout = TimeSpan.FromMilliseconds(750);

    private readonly Lock _lock = new();
    private readonly Dictionary<WorkerId, Watched> _watched = [];
    private readonly HashSet<WorkerId> _suspects = [];
    private long _lastCheck = time.GetTimestamp();
    private TaskCompletionSource _needed = new(TaskCreationOptions.RunContinuationsAsynchronously);

    /// <summary>Workers that are not to be used now.</summary>
    public WorkerId[] Suspects
    {
        get
        {
            lock (_lock)
            {
                return [.. _suspects];
            }
        }
    }

    /// <summary>Whether there is anybody to watch: sequences that run, or suspects who may be back.</summary>
    public bool IsNeeded
    {
        get
        {
            lock (_lock)
            {
                return _watched.Count > 0 || _suspects.Count > 0;
            }
        }
    }

    /// <summary>Completes when there is anybody to watch.</summary>
    public Task UntilNeededAsync(CancellationToken cancellationToken)
    {
        lock (_lock)
        {
            if (IsNeeded)
            {
                return Task.CompletedTask;
            }

            if (_needed.Task.IsCompleted)
            {
                _needed = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
            }

            return _needed.Task.WaitAsync(cancellationToken);
        }
    }

    /// <summary>A sequence runs at its worker from now on; the time of silence begins anew only when it is the first there.</summary>
    public void Follow(SequenceStream stream, WorkerId worker)
    {
        lock (_lock)
        {
            if (!_watched.TryGetValue(worker, out Watched? watched))
            {
                Need();
                _watched.Add(worker, watched = new Watched { LastFrame = time.GetTimestamp() });
            }

            watched.Streams.Add(stream);
        }
    }

    /// <summary>A sequence does not run there any more.</summary>
    public void Unfollow(SequenceStream stream, WorkerId worker)
    {
        lock (_lock)
        {
            if (_watched.TryGetValue(worker, out Watched? watched) && watched.Streams.Remove(stream) && watched.Streams.Count == 0)
            {
                _watched.Remove(worker);
            }
        }
    }

    /// <summary>A frame came.</summary>
    public void OnFrame(WorkerId worker)
    {
        lock (_lock)
        {
            _suspects.Remove(worker);
            if (_watched.TryGetValue(worker, out Watched? watched))
            {
                watched.LastFrame = time.GetTimestamp();
            }
        }
    }

    /// <summary>A worker has not answered a submit: it is not used, but what runs there is left to its frames.</summary>
    public void Distrust(WorkerId worker)
    {
        lock (_lock)
        {
            AddSuspect(worker);
        }
    }

    /// <summary>A worker's silo is gone.</summary>
    /// <returns>Its sequences, to be moved.</returns>
    public SequenceStream[] Suspect(WorkerId worker)
    {
        lock (_lock)
        {
            AddSuspect(worker);
            return Remove(worker);
        }
    }

    /// <summary>A worker's process is gone: it is not used, and the next check removes its sequences as if it had been silent for long.</summary>
    public void GiveUp(WorkerId worker)
    {
        lock (_lock)
        {
            AddSuspect(worker);
            if (_watched.TryGetValue(worker, out Watched? watched))
            {
                watched.IsGivenUp = true;
            }
        }
    }

    /// <summary>Workers that run sequences and have been silent for some time.</summary>
    public List<WorkerId> SilentFor(TimeSpan timeout)
    {
        List<WorkerId> silent = [];
        lock (_lock)
        {
            long now = time.GetTimestamp();
            foreach ((WorkerId worker, Watched watched) in _watched)
            {
                if (time.GetElapsedTime(watched.LastFrame, now) > timeout)
                {
                    silent.Add(worker);
                }
            }
        }

        return silent;
    }

    /// <summary>A suspect has answered.</summary>
    /// <returns>Whether it was one.</returns>
    public bool Clear(WorkerId worker)
    {
        lock (_lock)
        {
            return _suspects.Remove(worker);
        }
    }

    /// <summary>
    /// Suspects every worker that has been silent too long or is given up. Called often; when the calls themselves were late, this process was held up and
    /// not the workers, so the time lost is not counted.
    /// </summary>
    /// <returns>The sequences of new suspects, to be moved.</returns>
    public List<(WorkerId Worker, SequenceStream[] Streams)> RemoveSilent(TimeSpan interval)
    {
        List<(WorkerId, SequenceStream[])> silent = [];
        lock (_lock)
        {
            long now = time.GetTimestamp();
            TimeSpan late = time.GetElapsedTime(_lastCheck, now) - interval;
            _lastCheck = now;
            foreach ((WorkerId worker, Watched watched) in _watched)
            {
                if (late > interval)
                {
                    watched.LastFrame = Math.Min(now, watched.LastFrame + (long)(late.TotalSeconds * time.TimestampFrequency));
                }

                if (watched.IsGivenUp || time.GetElapsedTime(watched.LastFrame, now) > SilenceTimeout)
                {
                    _suspects.Add(worker);
                    silent.Add((worker, Remove(worker)));
                }
            }
        }

        return silent;
    }

    private void AddSuspect(WorkerId worker)
    {
        Need();
        _suspects.Add(worker);
    }

    // Checks begin again, so the time without any was not lost.
    private void Need()
    {
        if (!IsNeeded)
        {
            _lastCheck = time.GetTimestamp();
            _needed.TrySetResult();
        }
    }

    private SequenceStream[] Remove(WorkerId worker) => _watched.Remove(worker, out Watched? watched) ? [.. watched.Streams] : [];

    private sealed class Watched
    {
        public HashSet<SequenceStream> Streams { get; } = [];

        public long LastFrame { get; set; }

        public bool IsGivenUp { get; set; }
    }
}
