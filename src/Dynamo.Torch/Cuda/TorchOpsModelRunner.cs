using System.Runtime.InteropServices;
using Dynamo.Engine.Execution;
using Dynamo.Protocol.Models;
using Dynamo.Torch.Configuration;
using Dynamo.Torch.Weights;
using TorchSharp;
using static TorchSharp.torch;

namespace Dynamo.Torch.Cuda;

/// <summary>
/// Runs every supported model with plain torch ops on one device: the CUDA path, and on CPU a second opinion about the kernels there.
/// Correct first; no captured graphs, no fused kernels.
/// </summary>
/// <remarks>
/// Checked on the CPU device against the golden checkpoints; never yet run on a CUDA device. There a launch queues kernels and returns, and
/// collecting waits for them; whatever of the batch they need is copied in the launch. A row's logits depend on the shape of the batch by
/// rounding, so the numerics class is always <c>inexact</c>.
/// </remarks>
public sealed class TorchOpsModelRunner : IModelRunner
{
    private readonly ModelConfig _config;
    private readonly Device _device;
    private readonly ScalarType _dtype;
    private readonly TorchOpsWeights _weights;
    private readonly Tensor _inverseFrequencies;
    private readonly TorchOpsModel _model;
    private (Tensor Keys, Tensor Values)[] _caches = [];
    private float[] _logits = [];
    private int _numBlocks;
    private Tensor? _inFlightLogits;
    private int _numLogits;
    private SingleStep _inFlight;

    private TorchOpsModelRunner(ModelConfig config, TorchOpsWeights weights, Device device, ScalarType dtype)
    {
        _config = config;
        _weights = weights;
        _device = device;
        _dtype = dtype;
        _inverseFrequencies = tensor(config.Rope.ComputeInverseFrequencies(config.HeadDim), device: device);
        _ = _inverseFrequencies.DetachFromDisposeScope();
        _model = new TorchOpsModel(config, weights, _inverseFrequencies);
        Shape = new ModelShape
        {
            Architecture = config.Architecture,
            VocabularySize = config.VocabularySize,
            MaxPositions = config.MaxPositions,
            DType = TorchOpsDType.NameOf(dtype),
            NumParameters = config.NumParameters,
        };
    }

    /// <inheritdoc/>
    public ModelShape Shape { get; }

    /// <inheritdoc/>
    public string NumericsClass => $"inexact torch-ops {_device.type.ToString().ToLowerInvariant()} {Shape.DType} libtorch-{torch.__version__}";

    /// <inheritdoc/>
    public int MaxStepsInFlight => 1;

    /// <summary>Loads a model onto a device. Weights are copied; the folder may change afterwards.</summary>
    /// <param name="options">What to load; <see cref="ModelLoadOptions.NumThreads"/> is set process-wide.</param>
    /// <param name="device">Where to compute, for example <c>torch.device("cuda:0")</c>.</param>
    /// <param name="progress">Told after each tensor.</param>
    /// <param name="cancellationToken">Checked before each tensor.</param>
    /// <exception cref="ModelFolderException">The folder cannot be served.</exception>
    /// <exception cref="OutOfMemoryException">The weights do not fit on the device.</exception>
    public static TorchOpsModelRunner Load(ModelLoadOptions options, Device device, IProgress<LoadProgress>? progress, CancellationToken cancellationToken)
    {
        ModelFolder folder = new(options.ModelPath);
        ModelConfig config = ModelConfig.Load(folder);
        using WeightFiles files = WeightFiles.Open(folder);
        ScalarType dtype = TorchOpsDType.Resolve(options.DType, config, files, device);
        if (options.NumThreads is { } threads)
        {
            set_num_threads(threads);
        }

        try
        {
            return new TorchOpsModelRunner(config, TorchOpsWeights.Load(config, files, device, dtype, progress, cancellationToken), device, dtype);
        }
        catch (ExternalException e) when (IsOutOfMemory(e))
        {
            throw new OutOfMemoryException($"{files.TotalBytes:N0} bytes of weights do not fit on {device}", e);
        }
    }

    /// <inheritdoc/>
    public long KVBytesPerBlock(int blockSize) => checked(2L * _config.NumLayers * blockSize * _config.KVSize * TorchOpsDType.SizeOf(_dtype));

    /// <inheritdoc/>
    public void Prepare(StepLimits limits, int numBlocks)
    {
        FreeCaches();
        long numLogits = (long)limits.MaxLogitRows * _config.VocabularySize;
        if (numLogits > Array.MaxLength)
        {
            throw new OutOfMemoryException($"{limits.MaxLogitRows} rows of {_config.VocabularySize} logits are more than {Array.MaxLength:N0} numbers; ask for fewer rows");
        }

        _logits = new float[numLogits];
        _numBlocks = numBlocks;
        _caches = new (Tensor, Tensor)[_config.NumLayers];
        try
        {
            long[] shape = [checked((long)numBlocks * limits.BlockSize), _config.NumKVHeads, _config.HeadDim];
            for (int i = 0; i < _caches.Length; i++)
            {
                // Zeroed: a slot that was never written must not hold a NaN.
                _caches[i] = (zeros(shape, _dtype, _device).DetachFromDisposeScope(), zeros(shape, _dtype, _device).DetachFromDisposeScope());
            }
        }
        catch (ExternalException e) when (IsOutOfMemory(e))
        {
            FreeCaches();
            throw new OutOfMemoryException($"a KV cache of {numBlocks:N0} blocks, {KVBytesPerBlock(limits.BlockSize) * numBlocks:N0} bytes, does not fit on {_device}", e);
        }

        // One token in block 0, which no sequence owns yet: loads every kernel.
        StepBatch batch = new(limits) { NumSequences = 1, NumTokens = 1, NumLogits = 1 };
        batch.RowStarts[1] = 1;
        _ = this.Execute(batch);
    }

    /// <inheritdoc/>
    /// <exception cref="ArgumentOutOfRangeException">A token or a block that does not exist; a device would fail on it without a message.</exception>
    public void Launch(StepBatch batch)
    {
        _inFlight.RequireNone();
        long[] slots = CheckRows(batch);
        using IDisposable inference = inference_mode();
        using DisposeScope scope = NewDisposeScope();
        Dictionary<int, AttentionSpan[]> spans = [];
        Tensor logits = _model.Forward(
            Upload(batch.TokenIds, batch.NumTokens),
            Upload(batch.Positions, batch.NumTokens),
            tensor(slots, device: _device),
            SpansOf,
            _caches,
            Upload(batch.LogitRows, batch.NumLogits));
        _inFlightLogits = batch.NumLogits > 0 ? logits.DetachFromDisposeScope() : null;
        _numLogits = batch.NumLogits;
        _inFlight.Begin();
        return;

        AttentionSpan[] SpansOf(int? window)
        {
            // Made inside a layer's scope, used by later layers.
            if (!spans.TryGetValue(window ?? 0, out AttentionSpan[]? planned))
            {
                planned = AttentionSpan.Plan(batch, window, _device);
                foreach (Tensor tensor in planned.SelectMany(static span => span.Tensors))
                {
                    _ = tensor.MoveToOtherDisposeScope(scope);
                }

                spans.Add(window ?? 0, planned);
            }

            return planned;
        }
    }

    /// <inheritdoc/>
    public Span<float> Collect()
    {
        _inFlight.End();
        Span<float> result = _logits.AsSpan(0, checked(_numLogits * _config.VocabularySize));
        if (_inFlightLogits is { } logits)
        {
            using Tensor copied = logits.cpu();
            copied.data<float>().CopyTo(result);
            FreeLogits();
        }

        return result;
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        FreeLogits();
        FreeCaches();
        _inverseFrequencies.Dispose();
        _weights.Dispose();
    }

    private static bool IsOutOfMemory(ExternalException e) =>
        e.Message.Contains("out of memory", StringComparison.OrdinalIgnoreCase) || e.Message.Contains("allocate memory", StringComparison.OrdinalIgnoreCase);

    /// <summary>Checks every index of the batch and returns the cache slot of each row.</summary>
    private long[] CheckRows(StepBatch batch)
    {
        long[] slots = new long[batch.NumTokens];
        for (int i = 0; i < batch.NumSequences; i++)
        {
            for (int row = batch.RowStarts[i]; row < batch.RowStarts[i + 1]; row++)
            {
                ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual((uint)batch.TokenIds[row], (uint)_config.VocabularySize, nameof(StepBatch.TokenIds));
                slots[row] = AttentionSpan.SlotOf(batch, i, batch.Positions[row]);
            }

            int lastBlock = batch.Positions[batch.RowStarts[i + 1] - 1] / batch.Limits.BlockSize;
            ReadOnlySpan<int> table = batch.BlockTables.AsSpan(batch.Slots[i] * batch.Limits.MaxBlocksPerSequence, lastBlock + 1);
            foreach (int block in table)
            {
                ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual((uint)block, (uint)_numBlocks, nameof(StepBatch.BlockTables));
            }
        }

        return slots;
    }

    private Tensor Upload(int[] source, int count) => tensor(Array.ConvertAll(source[..count], static value => (long)value), device: _device);

    private void FreeLogits()
    {
        _inFlightLogits?.Dispose();
        _inFlightLogits = null;
    }

    private void FreeCaches()
    {
        foreach ((Tensor keys, Tensor values) in _caches)
        {
            keys?.Dispose();
            values?.Dispose();
        }

        _caches = [];
    }
}
