using System.Diagnostics;
using Dynamo.Engine.Execution;
using Dynamo.Engine.Loop;
using Dynamo.Protocol.Frames;
using Dynamo.Protocol.KV;

namespace Dynamo.Benchmarks.Engine;

/// <summary>
/// Hears the engine and its runner, and keeps a mark per step. Written on the engine thread, read by the bench between runs; allocates nothing
/// while a run goes on.
/// </summary>
/// <remarks>
/// A run begins with a sequence of one token, the gate: its end holds the engine thread until all sequences of the run wait in the inbox, so
/// that they start in the same step.
/// </remarks>
internal sealed class RunRecord : IEngineListener
{
    /// <summary>Tag of the gate; others are tagged with their number, boxed.</summary>
    public static readonly object Gate = new();

    private const int MaxSteps = 1024;

    private readonly StepMark[] _marks = new StepMark[MaxSteps];
    private readonly TaskCompletionSource _ready = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly SemaphoreSlim _atGate = new(0);
    private readonly SemaphoreSlim _opened = new(0);
    private readonly SemaphoreSlim _finished = new(0);
    private List<float[]>? _logits;
    private int[][] _tokens = [];
    private int[] _numTokens = [];
    private int _numOpen;
    private long _numKVEvents;
    private StepMark _current;
    private string? _error;

    /// <summary>Done when the engine takes requests; faulted when it failed.</summary>
    public Task Ready => _ready.Task;

    /// <summary>Names what rounding depends on.</summary>
    public string NumericsClass { get; private set; } = "";

    /// <summary>When the last run's gate opened.</summary>
    public long StartTimestamp { get; private set; }

    /// <summary>Steps of the last run.</summary>
    public ReadOnlySpan<StepMark> Steps => _marks.AsSpan(0, NumSteps);

    /// <summary>Tokens of each sequence of the last run.</summary>
    public int[][] Tokens => _tokens;

    /// <summary>Logits of the last run's steps, when they were kept.</summary>
    public List<float[]>? Logits => _logits;

    private int NumSteps { get; set; }

    /// <summary>Prepares for a run; the engine must be idle.</summary>
    public void Begin(int numSequences, int numTokens, bool keepLogits)
    {
        _tokens = new int[numSequences][];
        for (int i = 0; i < numSequences; i++)
        {
            _tokens[i] = new int[numTokens];
        }

        _numTokens = new int[numSequences];
        _numOpen = numSequences;
        _logits = keepLogits ? [] : null;
    }

    /// <summary>Waits until the gate holds the engine thread.</summary>
    public void WaitForGate() => Wait(_atGate);

    /// <summary>Lets the engine go on, and waits until all sequences have ended.</summary>
    public void OpenGateAndWait()
    {
        _opened.Release();
        Wait(_finished);
    }

    /// <summary>Takes down what the runner did in the step.</summary>
    public void OnExecuted(long ticks, long allocatedBytes, ReadOnlySpan<float> logits)
    {
        _current.RunnerTicks = ticks;
        _current.RunnerAllocatedBytes = allocatedBytes;
        _logits?.Add(logits.ToArray());
    }

    /// <inheritdoc/>
    public void OnReady(ModelShape shape, StepLimits limits, int numBlocks, string numericsClass)
    {
        NumericsClass = numericsClass;
        _ready.SetResult();
    }

    /// <inheritdoc/>
    public void OnOutputs(ReadOnlySpan<SequenceOutput> outputs)
    {
        if (ReferenceEquals(outputs[0].Tag, Gate))
        {
            _atGate.Release();
            _opened.Wait();
            NumSteps = 0;
            _logits?.Clear();
            StartTimestamp = Stopwatch.GetTimestamp();
            return;
        }

        bool isLast = false;
        foreach (ref readonly SequenceOutput output in outputs)
        {
            int sequence = (int)output.Tag!;
            if (output.TokenId is { } token)
            {
                _tokens[sequence][_numTokens[sequence]++] = token;
            }

            _error ??= output.Error;
            isLast |= output.FinishReason != FinishReason.None && --_numOpen == 0;
        }

        _current.NumKVEvents = _numKVEvents;
        _current.AllocatedBytes = GC.GetAllocatedBytesForCurrentThread();
        _current.Timestamp = Stopwatch.GetTimestamp();
        _marks[NumSteps++] = _current;
        if (isLast)
        {
            _finished.Release();
        }
    }

    /// <inheritdoc/>
    public void OnKVEvent(KVEvent kvEvent) => _numKVEvents++;

    /// <inheritdoc/>
    public void OnStopped(Exception? failure)
    {
        _error ??= failure?.Message ?? "The engine was stopped.";
        _ready.TrySetException(failure ?? new OperationCanceledException(_error));
        _atGate.Release();
        _finished.Release();
    }

    private void Wait(SemaphoreSlim signal)
    {
        signal.Wait();
        if (_error is not null)
        {
            throw new BenchmarkFault($"our engine failed: {_error}");
        }
    }
}
