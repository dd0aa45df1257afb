using System.Collections.Concurrent;
using Dynamo.Engine.Blocks;
using Dynamo.Engine.Configuration;
using Dynamo.Engine.Execution;
using Dynamo.Engine.Scheduling;
using Dynamo.Engine.Sharing;
using Dynamo.Protocol.KV;
using Dynamo.Protocol.Load;
using Dynamo.Protocol.Requests;

namespace Dynamo.Engine.Loop;

/// <summary>
/// An engine on a thread of its own, which loads the model, then runs steps while there is work and sleeps while there is none. Everything
/// else reaches it through an inbox that is emptied before each step is scheduled.
/// </summary>
public sealed class LlmEngine : ILlmEngine
{
    private readonly EngineConfig _config;
    private readonly IModelRunnerFactory _factory;
    private readonly ModelLoadOptions _loadOptions;
    private readonly IEngineListener _listener;
    private readonly IProgress<LoadProgress>? _progress;
    private readonly TimeProvider _time;
    private readonly Thread _thread;
    private readonly CancellationTokenSource _stopping = new();
    private readonly TaskCompletionSource _stopped = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly ConcurrentQueue<InboxItem> _inbox = new();
    private readonly ConcurrentQueue<BlockPageRequest> _pages = new();
    private readonly ConcurrentQueue<TaskCompletionSource<bool>> _resets = new();
    private readonly AutoResetEvent _wake = new(false);
    private readonly LiveSequences _live = new();
    private readonly LoadBoard _load;
    private volatile Admission? _admission;
    private bool _started;

    /// <summary>Creates an engine; nothing is loaded before <see cref="Start"/>.</summary>
    /// <param name="config">Limits and identity.</param>
    /// <param name="factory">Loads the model.</param>
    /// <param name="loadOptions">What to load.</param>
    /// <param name="listener">Hears everything, on the engine thread.</param>
    /// <param name="progress">Hears how far loading is.</param>
    /// <param name="time">Clock of step times.</param>
    /// <exception cref="EngineStartException">The configuration has faults; the message lists all of them.</exception>
    public LlmEngine(
        EngineConfig config,
        IModelRunnerFactory factory,
        ModelLoadOptions loadOptions,
        IEngineListener listener,
        IProgress<LoadProgress>? progress,
        TimeProvider time)
    {
        if (EngineConfigValidator.Faults(config) is { Count: > 0 } faults)
        {
            throw new EngineStartException(string.Join(" ", faults));
        }

        (_config, _factory, _loadOptions, _listener, _progress, _time) = (config, factory, loadOptions, listener, progress, time);
        _load = new LoadBoard(config);
        _thread = new Thread(Run) { IsBackground = true, Name = $"engine {config.Worker}" };
    }

    /// <inheritdoc/>
    public LoadReport Load => _load.Report(_live.Count);

    /// <inheritdoc/>
    public void Start()
    {
        if (Interlocked.Exchange(ref _started, true))
        {
            throw new InvalidOperationException("The engine was started before.");
        }

        _thread.Start();
    }

    /// <inheritdoc/>
    public SubmitResult Submit(GenerationRequest request, object? tag)
    {
        if (_admission is not { } admission)
        {
            return new SubmitResult(SubmitStatus.NotServing, null, "The engine is loading or has stopped.");
        }

        if (admission.FirstFault(request) is { } fault)
        {
            return new SubmitResult(SubmitStatus.Invalid, fault.Parameter, fault.Message);
        }

        Sequence sequence = new(request, tag, admission.Limits.MaxModelLength);
        SubmitStatus status = _live.TryAdd(sequence, _config.MaxNumSequences + _config.MaxWaiting, out Sequence? replaced);
        switch (status)
        {
            case SubmitStatus.Overloaded:
                return new SubmitResult(status, null, $"{_config.MaxNumSequences + _config.MaxWaiting} sequences are running or waiting; try again later.");
            case SubmitStatus.Duplicate:
                return new SubmitResult(status, null, $"Sequence {request.Id} is here already in attempt {request.Attempt} or a later one.");
        }

        if (replaced is not null)
        {
            Post(new InboxItem(replaced, IsAbort: true));
        }

        Post(new InboxItem(sequence, IsAbort: false));
        if (_admission is null && _live.Remove(sequence))
        {
            // It stopped in between, after its last look at the inbox.
            return new SubmitResult(SubmitStatus.NotServing, null, "The engine has stopped.");
        }

        return SubmitResult.Accepted;
    }

    /// <inheritdoc/>
    public void Abort(RequestId id, int attempt)
    {
        if (_live.RemoveUpTo(id, attempt) is { } sequence)
        {
            Post(new InboxItem(sequence, IsAbort: true));
        }
    }

    /// <summary>
    /// Lists a part of the blocks that the prefix cache holds, as of a moment between two steps. The engine takes one such request before each
    /// step, so a step waits for it a fraction of a millisecond at most.
    /// </summary>
    /// <param name="from">0 for the first page, then <see cref="KVBlockPage.Next"/> of the page before.</param>
    /// <returns>The page, or <see langword="null"/> when the engine is loading or has stopped.</returns>
    /// <exception cref="ArgumentOutOfRangeException"><paramref name="from"/> is negative.</exception>
    public async Task<KVBlockPage?> ListCachedBlocksAsync(int from)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(from);
        if (_admission is null)
        {
            return null;
        }

        BlockPageRequest request = new(from);
        _pages.Enqueue(request);
        _wake.Set();
        if (_admission is null)
        {
            // It stopped in between, after its last look at these.
            request.Fail();
        }

        return await request.PageAsync(_config);
    }

    /// <summary>Empties the prefix cache between two steps. Blocks that a sequence holds stay, and can be found as long as it does.</summary>
    /// <returns><see langword="false"/> when the engine is loading or has stopped, so that there is no cache.</returns>
    public async Task<bool> ResetPrefixCacheAsync()
    {
        TaskCompletionSource<bool> reset = new(TaskCreationOptions.RunContinuationsAsynchronously);
        if (_admission is null)
        {
            return false;
        }

        _resets.Enqueue(reset);
        _wake.Set();
        if (_admission is null)
        {
            // It stopped in between, after its last look at these.
            reset.TrySetResult(false);
        }

        return await reset.Task;
    }

    /// <summary>Stops after the step that is running; sequences that are still here end with an error.</summary>
    public async ValueTask DisposeAsync()
    {
        await _stopping.CancelAsync();
        _wake.Set();
        if (_started)
        {
            await _stopped.Task;
        }
    }

    private void Post(InboxItem item)
    {
        _inbox.Enqueue(item);
        _wake.Set();
    }

    private void Run()
    {
        Exception? failure = null;
        try
        {
            using MemorySharing memory = MemorySharing.Join(isGiven: (_config.NumBlocks ?? _config.KVCacheBytes) is not null, FreeMemory.Bytes);
            using IModelRunner runner = _factory.Load(_loadOptions, new WeightsPromise(memory, _progress), _stopping.Token);
            using EngineLoop loop = Prepare(runner, memory);
            while (!_stopping.IsCancellationRequested)
            {
                while (_inbox.TryDequeue(out InboxItem item))
                {
                    loop.Take(item);
                }

                while (_resets.TryDequeue(out TaskCompletionSource<bool>? reset))
                {
                    loop.ForgetCached();
                    reset.TrySetResult(true);
                }

                bool isListing = _pages.TryDequeue(out BlockPageRequest? page);
                if (isListing)
                {
                    loop.List(page!);
                }

                if (!loop.Step() && !isListing)
                {
                    _wake.WaitOne();
                }
            }
        }
        catch (OperationCanceledException) when (_stopping.IsCancellationRequested)
        {
            // Disposed while loading.
        }
        catch (Exception e)
        {
            failure = e;
        }

        _admission = null;
        while (_pages.TryDequeue(out BlockPageRequest? page))
        {
            page.Fail();
        }

        while (_resets.TryDequeue(out TaskCompletionSource<bool>? reset))
        {
            reset.TrySetResult(false);
        }

        string error = failure is null ? "The engine was stopped." : $"The engine failed: {failure.Message}";
        foreach (Sequence sequence in _live.RemoveAll())
        {
            SequenceOutput output = EngineLoop.Ended(sequence, Protocol.Frames.FinishReason.Interrupted, error);
            _listener.OnOutputs(new ReadOnlySpan<SequenceOutput>(in output));
        }

        _listener.OnStopped(failure);
        _stopped.SetResult();
    }

    private EngineLoop Prepare(IModelRunner runner, MemorySharing memory)
    {
        long bytesPerBlock = runner.KVBytesPerBlock(_config.BlockSize);
        (int numBlocks, int maxModelLength) = (0, 0);
        memory.Decide((freeBytes, part) =>
        {
            (numBlocks, maxModelLength) = PoolSize.Decide(_config, runner.Shape.MaxPositions, bytesPerBlock, freeBytes, part);
            return numBlocks * bytesPerBlock;
        });
        StepLimits limits = new()
        {
            MaxBatchedTokens = _config.MaxBatchedTokens,
            MaxNumSequences = _config.MaxNumSequences,
            MaxLogitRows = _config.MaxNumSequences,
            MaxModelLength = maxModelLength,
            BlockSize = _config.BlockSize,
        };
        runner.Prepare(limits, numBlocks);
        EngineLoop loop = new(_config, new LocalStepExecutor(runner, limits), limits, numBlocks, _listener, _live, _load, _time);
        _admission = new Admission(limits, runner.Shape.VocabularySize);
        _listener.OnReady(runner.Shape, limits, numBlocks, runner.NumericsClass);
        return loop;
    }
}
