using Dynamo.Abstractions.Instances;
using Dynamo.Abstractions.Serving;
using Dynamo.Cluster.Planes;
using Dynamo.Engine.Configuration;
using Dynamo.Engine.Execution;
using Dynamo.Engine.Loop;
using Dynamo.Protocol.KV;
using Dynamo.Protocol.Load;
using Dynamo.Protocol.Requests;
using Dynamo.Worker.Events;
using Dynamo.Worker.Responses;
using Dynamo.Worker.Telemetry;

namespace Dynamo.Worker.Engines;

/// <summary>One engine in one generation, from loading to its end, with the links that carry its tokens to frontends. Thread-safe.</summary>
internal sealed partial class EngineRun : IEngineListener, IProgress<LoadProgress>
{
    private static readonly TimeSpan DrainInterval = TimeSpan.FromMilliseconds(20);
    private static readonly TimeSpan FlushTimeout = TimeSpan.FromSeconds(2);

    private readonly EngineConfig _config;
    private readonly LlmEngine _engine;
    private readonly ResponsePlane _responses;
    private readonly EventPublisher _events;
    private readonly ResumeTable _resume;
    private readonly WorkMeter _meter;
    private readonly IProgress<LoadProgress> _progress;
    private readonly Action<Exception> _onLoadFailed;
    private readonly TimeProvider _time;
    private readonly ILogger _logger;
    private readonly Lock _lock = new();
    private readonly TaskCompletionSource _ended = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private Task? _stopping;
    private RankReport _report;

    public EngineRun(
        string model,
        EngineConfig config,
        ModelLoadOptions load,
        IModelRunnerFactory factory,
        IFrontendSender frontends,
        IEventPlane events,
        IProgress<LoadProgress> progress,
        Action<Exception> onLoadFailed,
        WorkMeter meter,
        TimeProvider time,
        ILoggerFactory loggers)
    {
        (_config, _progress, _onLoadFailed, _meter, _time) = (config, progress, onLoadFailed, meter, time);
        _logger = loggers.CreateLogger<EngineRun>();
        _report = new RankReport { Generation = config.Generation, Worker = config.Worker, State = InstanceState.Loading };
        _resume = new ResumeTable(time);
        _engine = new LlmEngine(config, factory, load, this, this, time);
        _responses = new ResponsePlane(_engine, config.Worker, config.Generation, frontends, meter, time, loggers.CreateLogger<ResponsePlane>());
        _events = new EventPublisher(model, config.Worker, config.Generation, () => _engine.Load, () => _responses.Live, events, time, loggers.CreateLogger<EventPublisher>());
    }

    /// <summary>Whether the engine has ended; its memory is free then.</summary>
    public bool IsOver => Report().State == InstanceState.Failed;

    /// <summary>Completes when it has.</summary>
    public Task Ended => _ended.Task;

    /// <summary>Sequences that are not over.</summary>
    public int NumLive => _responses.NumLive;

    /// <summary>Load after the last step.</summary>
    public LoadReport Load => _engine.Load;

    /// <summary>Starts loading once the run before has given its memory back.</summary>
    public void Start(EngineRun? previous) => _ = StartAsync(previous);

    public RankReport Report()
    {
        lock (_lock)
        {
            return _report;
        }
    }

    public SubmitResult Submit(SiloAddress frontend, GenerationRequest request, int numBytes)
    {
        _meter.OnRequest(numBytes);
        FrontendLink link = _responses.Open(frontend);
        bool isNew = link.Track(request.Id, request.Attempt, request.TraceParent);
        _responses.OnTracked();
        _resume.Add(request);
        SubmitResult result = _engine.Submit(request, link);
        _events.OnWork();
        if (result.Status != SubmitStatus.Accepted && isNew)
        {
            link.Untrack(request.Id, request.Attempt, WorkEnd.Refused);
            _resume.Remove(request.Id, request.Attempt);
        }

        return result;
    }

    public void Abort(SequenceAttempt sequence)
    {
        _resume.Remove(sequence.Id, sequence.Attempt);
        _responses.Abort(sequence);
    }

    /// <summary>The sequences of a response that run here or have ended a short while ago, each with all its tokens so far.</summary>
    public List<GenerationRequest> Find(string responseId) => _resume.Find(responseId);

    /// <summary>KV events from a number on, with the load.</summary>
    public EventBatch ReadEvents(long first) => _events.Read(first);

    /// <summary>A page of the cached blocks, or <see langword="null"/> without an engine that runs.</summary>
    public Task<KVBlockPage?> ListBlocksAsync(int from) => _engine.ListCachedBlocksAsync(from);

    /// <summary>Empties the prefix cache; <see langword="false"/> without an engine that runs.</summary>
    public Task<bool> ResetPrefixCacheAsync() => _engine.ResetPrefixCacheAsync();

    public Task StopAsync()
    {
        lock (_lock)
        {
            return _stopping ??= StopOnceAsync();
        }
    }

    /// <summary>Waits until no sequence is left, then gives back those that still are; completes when frontends know it.</summary>
    public async Task DrainAsync(TimeSpan grace, CancellationToken cancellationToken)
    {
        long start = _time.GetTimestamp();
        while (_responses.NumLive > 0 && _time.GetElapsedTime(start) < grace && !cancellationToken.IsCancellationRequested)
        {
            await Task.Delay(DrainInterval, _time, CancellationToken.None);
        }

        int numGivenBack = _responses.GiveBack();
        LogDrained(_config.Generation, numGivenBack);
        await _responses.FlushAsync(FlushTimeout);
    }

    void IProgress<LoadProgress>.Report(LoadProgress value)
    {
        Change(report => report with { LoadedBytes = value.LoadedBytes, TotalBytes = value.TotalBytes });
        _progress.Report(value);
    }

    public void OnReady(ModelShape shape, StepLimits limits, int numBlocks, string numericsClass)
    {
        EngineLimits engineLimits = new()
        {
            MaxModelLength = limits.MaxModelLength,
            VocabularySize = shape.VocabularySize,
            NumBlocks = numBlocks,
            BlockSize = limits.BlockSize,
            MaxNumSequences = limits.MaxNumSequences,
            MaxBatchedTokens = limits.MaxBatchedTokens,
            NumericsClass = numericsClass,
        };
        _events.Start();
        Change(report => report with { State = InstanceState.Ready, Limits = engineLimits });
        LogReady(_config.Generation, _config.Worker, shape.Architecture, shape.NumParameters, shape.DType, numBlocks, limits.BlockSize, limits.MaxModelLength, numericsClass);
        if (!Exactness.IsPromisedBy(numericsClass))
        {
            LogInexact(_config.Generation, numericsClass);
        }
    }

    public void OnOutputs(ReadOnlySpan<SequenceOutput> outputs)
    {
        foreach (ref readonly SequenceOutput output in outputs)
        {
            _resume.Append(in output);
        }

        _responses.Add(outputs);
    }

    public void OnKVEvent(KVEvent kvEvent) => _events.Append(kvEvent);

    public void OnStopped(Exception? failure)
    {
        bool wasLoading = Report().State == InstanceState.Loading;
        Change(report => report with { State = InstanceState.Failed, Error = failure?.Message ?? "The engine was stopped." });
        _responses.Complete();
        _events.Complete();
        if (failure is null)
        {
            LogStopped(_config.Generation);
        }
        else if (wasLoading)
        {
            _onLoadFailed(failure);
        }
        else
        {
            LogFailed(failure, _config.Generation);
        }

        _ended.SetResult();
    }

    private async Task StartAsync(EngineRun? previous)
    {
        if (previous is not null)
        {
            await previous.StopAsync();
        }

        _engine.Start();
    }

    private async Task StopOnceAsync()
    {
        await _engine.DisposeAsync();
        await Task.WhenAll(_responses.DisposeAsync().AsTask(), _events.DisposeAsync().AsTask());
    }

    private void Change(Func<RankReport, RankReport> change)
    {
        lock (_lock)
        {
            _report = change(_report);
        }
    }

    [LoggerMessage(LogLevel.Information, "Generation {Generation} is ready: worker {Worker}, {Architecture} with {NumParameters} parameters in {DType}, " +
        "{NumBlocks} KV blocks of {BlockSize} tokens, sequences of up to {MaxModelLength} tokens; numerics {NumericsClass}.")]
    private partial void LogReady(
        long generation, WorkerId worker, string architecture, long numParameters, string dType, int numBlocks, int blockSize, int maxModelLength, string numericsClass);

    [LoggerMessage(LogLevel.Warning, "Generation {Generation} is not exact: the start-up self-test of {NumericsClass} failed, or there is none. It serves; the same request may get other " +
        "log-probabilities, and at times other words, alone than among others, after a prefix hit and after a move. 'dynamo doctor' says what to do.")]
    private partial void LogInexact(long generation, string numericsClass);

    [LoggerMessage(LogLevel.Error, "The engine of generation {Generation} failed; its sequences go on elsewhere and a new generation will be formed.")]
    private partial void LogFailed(Exception failure, long generation);

    [LoggerMessage(LogLevel.Information, "Generation {Generation} is drained; {NumGivenBack} sequences go on elsewhere.")]
    private partial void LogDrained(long generation, int numGivenBack);

    [LoggerMessage(LogLevel.Information, "The engine of generation {Generation} has stopped.")]
    private partial void LogStopped(long generation);
}
