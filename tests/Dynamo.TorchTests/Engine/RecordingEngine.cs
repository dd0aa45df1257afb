using Dynamo.Engine.Configuration;
using Dynamo.Engine.Execution;
using Dynamo.Engine.Loop;
using Dynamo.Protocol.KV;
using Dynamo.Protocol.Load;
using Dynamo.Protocol.Requests;
using Dynamo.TorchTests.Support;

namespace Dynamo.TorchTests.Engine;

/// <summary>
/// A real engine on the CPU runner that keeps, for every token that comes out, the logits it was chosen from. Stands between engine and
/// runner; the engine reports outputs in the order of the step's logits.
/// </summary>
internal sealed class RecordingEngine : IModelRunnerFactory, IEngineListener, IAsyncDisposable
{
    private readonly LlmEngine _engine;
    private readonly TaskCompletionSource _ready = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private Recorder? _recorder;

    public RecordingEngine(string folder, string dtype, EngineConfig config, int numThreads)
    {
        ModelLoadOptions options = new() { ModelPath = folder, DType = dtype, NumThreads = numThreads };
        _engine = new LlmEngine(config, this, options, this, null, TimeProvider.System);
        _engine.Start();
    }

    /// <summary>Done when requests are taken.</summary>
    public Task Ready => _ready.Task;

    public LoadReport Report => _engine.Load;

    /// <summary>Whether some sequence's blocks did not lie one behind the other.</summary>
    public bool HadScatteredBlocks => _recorder!.HadScatteredBlocks;

    /// <summary>Submits a prompt.</summary>
    /// <param name="prompt">Tokens.</param>
    /// <param name="numOutputs">Tokens to generate, greedily.</param>
    /// <param name="onToken">Called on the engine thread after each token.</param>
    public Recording Submit(int[] prompt, int numOutputs, Action<Recording>? onToken = null)
    {
        Recording recording = new(RequestId.New(), onToken);
        GenerationRequest request = new()
        {
            Id = recording.Id,
            Attempt = 1,
            TokenIds = prompt,
            NumPromptTokens = prompt.Length,
            Sampling = new SamplingParameters { Temperature = 0, MaxTokens = numOutputs, IgnoreEos = true },
        };
        SubmitResult result = _engine.Submit(request, recording);
        return result.Status == SubmitStatus.Accepted ? recording : throw new InvalidOperationException(result.Message);
    }

    public void Abort(Recording recording) => _engine.Abort(recording.Id, 1);

    public IModelRunner Load(ModelLoadOptions options, IProgress<LoadProgress>? progress, CancellationToken cancellationToken) =>
        _recorder = new Recorder(RunnerKinds.CpuFactory.Load(options, progress, cancellationToken));

    public void OnReady(ModelShape shape, StepLimits limits, int numBlocks, string numericsClass) => _ready.SetResult();

    public void OnOutputs(ReadOnlySpan<SequenceOutput> outputs)
    {
        for (int i = 0; i < outputs.Length; i++)
        {
            if (outputs[i].TokenId is { } token)
            {
                ((Recording)outputs[i].Tag!).Add(token, _recorder!.LastLogits(i), outputs[i]);
            }
            else
            {
                ((Recording)outputs[i].Tag!).Fail(outputs[i].Error);
            }
        }
    }

    public void OnKVEvent(KVEvent kvEvent)
    {
        // Nobody routes here.
    }

    public void OnStopped(Exception? failure) => _ready.TrySetException(failure ?? new OperationCanceledException());

    public ValueTask DisposeAsync() => _engine.DisposeAsync();

    private sealed class Recorder(IModelRunner runner) : IModelRunner
    {
        private float[] _logits = [];

        public ModelShape Shape => runner.Shape;

        public string NumericsClass => runner.NumericsClass;

        public int MaxStepsInFlight => runner.MaxStepsInFlight;

        public bool HadScatteredBlocks { get; private set; }

        public float[] LastLogits(int row) => _logits[(row * Shape.VocabularySize)..((row + 1) * Shape.VocabularySize)];

        public long KVBytesPerBlock(int blockSize) => runner.KVBytesPerBlock(blockSize);

        public void Prepare(StepLimits limits, int numBlocks) => runner.Prepare(limits, numBlocks);

        public void Launch(StepBatch batch)
        {
            for (int i = 0; i < batch.NumSequences; i++)
            {
                int last = batch.Positions[batch.RowStarts[i + 1] - 1] / batch.Limits.BlockSize;
                ReadOnlySpan<int> table = batch.BlockTables.AsSpan(batch.Slots[i] * batch.Limits.MaxBlocksPerSequence, last + 1);
                for (int entry = 1; entry < table.Length; entry++)
                {
                    HadScatteredBlocks |= table[entry] != table[entry - 1] + 1;
                }
            }

            runner.Launch(batch);
        }

        public Span<float> Collect()
        {
            Span<float> logits = runner.Collect();
            _logits = logits.ToArray();
            return logits;
        }

        public void Dispose() => runner.Dispose();
    }
}
