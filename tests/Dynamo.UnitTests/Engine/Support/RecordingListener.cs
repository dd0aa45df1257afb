using System.Collections.Concurrent;
using Dynamo.Engine.Execution;
using Dynamo.Engine.Loop;
using Dynamo.Protocol.KV;
using Dynamo.Protocol.Requests;

namespace Dynamo.UnitTests.Engine.Support;

/// <summary>Keeps all that an engine tells. What breaks the listener's contract is kept in <see cref="Faults"/>.</summary>
internal sealed class RecordingListener : IEngineListener
{
    private readonly ConcurrentDictionary<(RequestId, int), Answer> _answers = new();
    private readonly TaskCompletionSource<StepLimits> _ready = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly TaskCompletionSource<Exception?> _stopped = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private int _engineThread;

    public ConcurrentQueue<KVEvent> Events { get; } = new();

    public ConcurrentQueue<string> Faults { get; } = new();

    public int NumBlocks { get; private set; }

    /// <summary>Called with each event before it is kept.</summary>
    public Action<KVEvent>? OnEvent { get; set; }

    public Task<StepLimits> Ready => _ready.Task.WaitAsync(TimeSpan.FromSeconds(60));

    public Task<Exception?> Stopped => _stopped.Task.WaitAsync(TimeSpan.FromSeconds(60));

    public Answer Of(RequestId id, int attempt = 1) => _answers.GetOrAdd((id, attempt), static _ => new Answer());

    public Answer Of(GenerationRequest request) => Of(request.Id, request.Attempt);

    public void OnReady(ModelShape shape, StepLimits limits, int numBlocks, string numericsClass)
    {
        CheckThread();
        NumBlocks = numBlocks;
        _ready.SetResult(limits);
    }

    public void OnOutputs(ReadOnlySpan<SequenceOutput> outputs)
    {
        CheckThread();
        foreach (SequenceOutput output in outputs)
        {
            if (_stopped.Task.IsCompleted)
            {
                Faults.Enqueue($"{output} after the engine had stopped");
            }

            try
            {
                Of(output.Id, output.Attempt).Add(output);
            }
            catch (InvalidOperationException e)
            {
                Faults.Enqueue(e.Message);
            }
        }
    }

    public void OnKVEvent(KVEvent kvEvent)
    {
        CheckThread();
        OnEvent?.Invoke(kvEvent);
        Events.Enqueue(kvEvent);
    }

    public void OnStopped(Exception? failure)
    {
        CheckThread();
        _stopped.SetResult(failure);
    }

    // Whoever calls first is the engine's thread.
    private void CheckThread()
    {
        int thread = Environment.CurrentManagedThreadId;
        if (Interlocked.CompareExchange(ref _engineThread, thread, 0) is var first && first != 0 && first != thread)
        {
            Faults.Enqueue($"called on thread {thread} and before on {first}");
        }
    }
}
