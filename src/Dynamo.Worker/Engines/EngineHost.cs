using System.Security.Cryptography;
using Dynamo.Abstractions.Instances;
using Dynamo.Abstractions.Serving;
using Dynamo.Cluster.Planes;
using Dynamo.Engine.Configuration;
using Dynamo.Engine.Execution;
using Dynamo.Protocol.KV;
using Dynamo.Protocol.Load;
using Dynamo.Protocol.Models;
using Dynamo.Protocol.Requests;
using Dynamo.Worker.Responses;
using Dynamo.Worker.Telemetry;

namespace Dynamo.Worker.Engines;

/// <summary>
/// Owns the engine of one GPU of this silo, outside of every grain, so that it outlives whatever happens to activations. One generation at a
/// time: it accepts only a higher one than it has seen. Thread-safe.
/// </summary>
public sealed class EngineHost : IAsyncDisposable
{
    private readonly WorkerOptions _options;
    private readonly IModelRunnerFactory _factory;
    private readonly IFrontendSender _frontends;
    private readonly IEventPlane _events;
    private readonly IProgress<LoadProgress> _progress;
    private readonly WorkInstruments _instruments;
    private readonly TimeProvider _time;
    private readonly ILoggerFactory _loggers;
    private readonly Lock _lock = new();
    private readonly TaskCompletionSource<Exception> _loadFailed = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private EngineRun? _run;
    private RankSpec? _spec;
    private long _generation;
    private bool _isDraining;

    /// <summary>Creates a host without an engine.</summary>
    /// <param name="options">What to serve.</param>
    /// <param name="factory">Loads the model.</param>
    /// <param name="frontends">Carries frames to frontends.</param>
    /// <param name="events">Carries KV events and load to routers.</param>
    /// <param name="progress">Hears how far loading is, besides reports.</param>
    /// <param name="instruments">Count what is done here.</param>
    /// <param name="time">Clock.</param>
    /// <param name="loggers">Logs.</param>
    internal EngineHost(
        WorkerOptions options,
        IModelRunnerFactory factory,
        IFrontendSender frontends,
        IEventPlane events,
        IProgress<LoadProgress> progress,
        WorkInstruments instruments,
        TimeProvider time,
        ILoggerFactory loggers) =>
        (_options, _factory, _frontends, _events, _progress, _instruments, _time, _loggers) = (options, factory, frontends, events, progress, instruments, time, loggers);

    /// <summary>
    /// Completes with the reason when the model cannot be loaded here. Trying again would not help, so the process should end; an engine
    /// that fails later is replaced instead.
    /// </summary>
    public Task<Exception> LoadFailed => _loadFailed.Task;

    /// <summary>What was loaded last, running or over; <see langword="null"/> before anything was.</summary>
    public RankSpec? Spec
    {
        get
        {
            lock (_lock)
            {
                return _spec;
            }
        }
    }

    /// <summary>Generation that loads or runs now; 0 when the GPU is free.</summary>
    public long RunningGeneration
    {
        get
        {
            lock (_lock)
            {
                return _run is { IsOver: false } ? _generation : 0;
            }
        }
    }

    /// <summary>Whether the engine takes requests.</summary>
    public bool IsReady => Report().State == InstanceState.Ready;

    /// <summary>Whether this worker is leaving.</summary>
    public bool IsDraining => Volatile.Read(ref _isDraining);

    /// <summary>Begins to load; returns at once. An older generation that still runs is stopped first.</summary>
    /// <exception cref="StaleGenerationException">A higher generation was here.</exception>
    /// <exception cref="EngineStartException">The options have faults.</exception>
    public void Load(RankSpec spec)
    {
        if (spec.WorldSize != ParallelLayout.Single.WorldSize)
        {
            throw new EngineStartException($"an instance of {spec.WorldSize} ranks was asked of this silo; this version runs one rank an instance.");
        }

        long generation = spec.Instance.Generation;
        lock (_lock)
        {
            if (generation < _generation)
            {
                throw new StaleGenerationException(generation, _generation);
            }

            if (generation == _generation)
            {
                return;
            }

            (_spec, _generation) = (spec, generation);
            EngineRun? previous = _run;
            EngineConfig config = _options.EngineConfig(NewWorkerId(), generation);
            WorkMeter meter = _instruments.Of(_options.Model, config.Worker.ToString());
            _run = new EngineRun(_options.Model, config, _options.Load, _factory, _frontends, _events, _progress, OnLoadFailed, meter, _time, _loggers);
            _run.Start(previous);
        }
    }

    /// <summary>How the rank is.</summary>
    public RankReport Report()
    {
        EngineRun? run;
        lock (_lock)
        {
            run = _run;
        }

        RankReport report = run?.Report() ?? new RankReport { Generation = 0, Worker = default, State = InstanceState.Failed };
        return IsDraining && report.State == InstanceState.Ready ? report with { State = InstanceState.Draining, NumLive = run!.NumLive } : report;
    }

    /// <summary>Hands a sequence to the engine of this generation.</summary>
    /// <param name="generation">Which.</param>
    /// <param name="frontend">Where its tokens go.</param>
    /// <param name="request">The sequence.</param>
    /// <param name="numBytes">Bytes that it came in.</param>
    /// <exception cref="StaleGenerationException">Another generation is here.</exception>
    public SubmitResult Submit(long generation, SiloAddress frontend, GenerationRequest request, int numBytes) =>
        IsDraining ? new SubmitResult(SubmitStatus.NotServing, null, "The worker is draining.") : Current(generation).Submit(frontend, request, numBytes);

    /// <summary>Ends a sequence in this attempt or an older one.</summary>
    /// <exception cref="StaleGenerationException">Another generation is here.</exception>
    public void Abort(long generation, SequenceAttempt sequence) => Current(generation).Abort(sequence);

    /// <summary>The sequences of a response that run here or have ended a short while ago, each with all its tokens so far.</summary>
    public IReadOnlyList<GenerationRequest> Find(string responseId)
    {
        EngineRun? run;
        lock (_lock)
        {
            run = _run;
        }

        return run?.Find(responseId) ?? [];
    }

    /// <summary>KV events of this generation from a number on, with its load; <see langword="null"/> when another generation is here.</summary>
    public EventBatch? ReadEvents(long generation, long first) => Find(generation)?.ReadEvents(first);

    /// <summary>A page of the blocks that the cache of this generation holds; <see langword="null"/> when it has no engine here.</summary>
    /// <exception cref="ArgumentOutOfRangeException"><paramref name="from"/> is negative.</exception>
    public Task<KVBlockPage?> ListBlocksAsync(long generation, int from) => Find(generation)?.ListBlocksAsync(from) ?? Task.FromResult<KVBlockPage?>(null);

    /// <summary>Empties the prefix cache of this generation; <see langword="false"/> when it has no engine here.</summary>
    public Task<bool> ResetPrefixCacheAsync(long generation) => Find(generation)?.ResetPrefixCacheAsync() ?? Task.FromResult(false);

    /// <summary>Completes when the engine of this generation has ended; at once when it is not here.</summary>
    public Task EndedAsync(long generation) => Find(generation)?.Ended ?? Task.CompletedTask;

    /// <summary>Load of the engine, or <see langword="null"/> without one.</summary>
    public LoadReport? Load()
    {
        lock (_lock)
        {
            return _run is { IsOver: false } run ? run.Load : null;
        }
    }

    /// <summary>Refuses new sequences from now on, lets those that run finish for a while, then gives the rest back to their frontends to go on elsewhere.</summary>
    /// <param name="grace">How long they may finish.</param>
    /// <param name="cancellationToken">Ends the grace early.</param>
    /// <returns>Completes when nothing runs here any more and frontends know it.</returns>
    public async Task DrainAsync(TimeSpan grace, CancellationToken cancellationToken)
    {
        Refuse();
        EngineRun? run;
        lock (_lock)
        {
            run = _run;
        }

        if (run is not null)
        {
            await run.DrainAsync(grace, cancellationToken);
        }
    }

    /// <summary>Stops the engine of this generation and frees its memory; another generation is left alone.</summary>
    public Task StopAsync(long generation)
    {
        lock (_lock)
        {
            return generation == _generation && _run is { } run ? run.StopAsync() : Task.CompletedTask;
        }
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        Refuse();
        EngineRun? run;
        lock (_lock)
        {
            run = _run;
        }

        if (run is not null)
        {
            await run.StopAsync();
        }
    }

    private void Refuse() => Volatile.Write(ref _isDraining, true);

    private EngineRun Current(long generation)
    {
        lock (_lock)
        {
            return generation == _generation && _run is { } run ? run : throw new StaleGenerationException(generation, _generation);
        }
    }

    private EngineRun? Find(long generation)
    {
        lock (_lock)
        {
            return generation == _generation ? _run : null;
        }
    }

    private static WorkerId NewWorkerId()
    {
        Span<byte> bits = stackalloc byte[sizeof(ulong)];
        ulong value;
        do
        {
            RandomNumberGenerator.Fill(bits);
            value = BitConverter.ToUInt64(bits);
        }
        while (value == 0);

        return new WorkerId(value);
    }

    private void OnLoadFailed(Exception reason) => _loadFailed.TrySetResult(reason);
}
