using Dynamo.Engine.Execution;
using Dynamo.Torch.Configuration;
using Dynamo.Torch.Kernels;
using Dynamo.Torch.Layers;
using Dynamo.Torch.Native;
using Dynamo.Torch.Numerics;

namespace Dynamo.Torch.Cpu;

/// <summary>
/// One forward pass over the rows of a batch. Between the linear layers everything works row by row in parallel; the residual stream stays
/// in float32.
/// </summary>
/// <typeparam name="T">Element of activations.</typeparam>
internal sealed unsafe class CpuStep<T> : IDisposable
    where T : unmanaged
{
    // Rows of logits computed at once: bounds libtorch's temporary memory.
    private const int LogitChunk = 64;

    private readonly DecoderModel<T> _model;
    private readonly ModelConfig _config;
    private readonly StepLimits _limits;
    private readonly RopeTable<T> _rope;
    private readonly KVCache<T> _cache;
    private readonly AttentionPass<T> _attention;
    private readonly ExpertMixture<T>? _experts;
    private readonly NativeBuffer<float> _residual;
    private readonly NativeBuffer<T> _normed;
    private readonly NativeBuffer<T> _attended;
    private readonly NativeBuffer<T> _activated;
    private readonly NativeBuffer<float> _logits;

    public CpuStep(DecoderModel<T> model, StepLimits limits, int numBlocks, int numThreads)
    {
        _model = model;
        _config = model.Config;
        _limits = limits;
        long rows = limits.MaxBatchedTokens;
        _rope = new RopeTable<T>(_config.Rope, _config.HeadDim, limits.MaxModelLength);
        _cache = new KVCache<T>(_config, limits.BlockSize, numBlocks);
        _attention = new AttentionPass<T>(_config, _cache, limits, numThreads);
        _experts = _config.NumExperts > 0 ? new ExpertMixture<T>(_config, limits.MaxBatchedTokens) : null;
        _residual = new NativeBuffer<float>(rows * _config.HiddenSize);
        _normed = new NativeBuffer<T>(rows * _config.HiddenSize);
        _attended = new NativeBuffer<T>(rows * _config.QuerySize);
        _activated = new NativeBuffer<T>(rows * _config.IntermediateSize);
        _logits = new NativeBuffer<float>((long)limits.MaxLogitRows * _config.VocabularySize);
    }

    /// <summary>Computes a batch; see <see cref="IModelRunner.Execute"/>.</summary>
    public Span<float> Execute(StepBatch batch)
    {
        int numRows = batch.NumTokens;
        if (numRows < 1 || numRows > _limits.MaxBatchedTokens || batch.NumLogits > _limits.MaxLogitRows)
        {
            throw new ArgumentException($"A batch has 1 to {_limits.MaxBatchedTokens} rows and at most {_limits.MaxLogitRows} of logits; this one has {numRows} and {batch.NumLogits}.", nameof(batch));
        }

        for (int i = 0; i < batch.NumSequences; i++)
        {
            _rope.Reach(batch.Positions[batch.RowStarts[i + 1] - 1]);
        }

        fixed (int* tokens = batch.TokenIds, positions = batch.Positions, logitRows = batch.LogitRows)
        {
            Embed(tokens, numRows);
            for (int i = 0; i < _model.Layers.Length; i++)
            {
                Layer(i, batch, positions, numRows);
            }

            return Logits(logitRows, batch.NumLogits);
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _rope.Dispose();
        _cache.Dispose();
        _attention.Dispose();
        _experts?.Dispose();
        _residual.Dispose();
        _normed.Dispose();
        _attended.Dispose();
        _activated.Dispose();
        _logits.Dispose();
    }

    private void Embed(int* tokens, int numRows)
    {
        int size = _config.HiddenSize;
        for (int row = 0; row < numRows; row++)
        {
            _model.Embed(tokens[row], _normed.Pointer + ((long)row * size), _residual.Pointer + ((long)row * size));
        }
    }

    private void Layer(int index, StepBatch batch, int* positions, int numRows)
    {
        DecoderLayer<T> layer = _model.Layers[index];
        if (index == 0)
        {
            Normalize(layer.InputNorm, numRows);
        }

        LinearResult<T> qkv = layer.Qkv.Forward(_normed.Pointer, numRows);
        _attention.Run(index, layer, _rope, batch, positions, qkv.Data, _attended.Pointer);
        qkv.Dispose();

        LinearResult<T> output = layer.Output.Forward(_attended.Pointer, numRows);
        AddAndNormalize(output.Data, layer.PostAttentionNorm, numRows);
        output.Dispose();

        // The next layer's norm follows at once, while the row is in cache; after the last layer only the rows of logits are normalized.
        NormWeight<T>? next = index + 1 < _model.Layers.Length ? _model.Layers[index + 1].InputNorm : null;
        if (layer.Mlp is { } mlp)
        {
            LinearResult<T> gateUp = mlp.GateUp.Forward(_normed.Pointer, numRows);
            Activate(gateUp.Data, _activated.Pointer, numRows);
            gateUp.Dispose();
            LinearResult<T> down = mlp.Down.Forward(_activated.Pointer, numRows);
            AddAndNormalize(down.Data, next, numRows);
            down.Dispose();
            return;
        }

        _experts!.Run(layer, _normed.Pointer, _residual.Pointer, numRows, this);
        if (next is not null)
        {
            Normalize(next, numRows);
        }
    }

    /// <summary>silu(gate) * up of rows [gate, up].</summary>
    public void Activate(T* gateUp, T* target, int numRows)
    {
        RowArguments arguments = new() { Source = gateUp, Target = target, Length = _config.IntermediateSize };
        TorchParallel.For(numRows, Grain(_config.IntermediateSize), &ActivateRows, &arguments);
    }

    private Span<float> Logits(int* rows, int numLogits)
    {
        int hidden = _config.HiddenSize;
        int vocabulary = _config.VocabularySize;
        for (int start = 0; start < numLogits; start += LogitChunk)
        {
            int count = Math.Min(LogitChunk, numLogits - start);
            for (int i = 0; i < count; i++)
            {
                float* x = _residual.Pointer + ((long)rows[start + i] * hidden);
                RowKernels<T>.RmsNorm(x, _model.FinalNorm.Values, _normed.Pointer + ((long)i * hidden), hidden, _config.RmsNormEpsilon);
            }

            LinearResult<T> head = _model.Head.Forward(_normed.Pointer, count);
            RowArguments arguments = new() { Source = head.Data, Target = _logits.Pointer + ((long)start * vocabulary), Length = vocabulary };
            TorchParallel.For(count, 1, &WidenRows, &arguments);
            head.Dispose();
        }

        return new Span<float>(_logits.Pointer, checked(numLogits * vocabulary));
    }

    private void Normalize(NormWeight<T> weight, int numRows)
    {
        RowArguments arguments = Norm(weight);
        TorchParallel.For(numRows, Grain(_config.HiddenSize), &NormalizeRows, &arguments);
    }

    private void AddAndNormalize(T* delta, NormWeight<T>? weight, int numRows)
    {
        RowArguments arguments = Norm(weight);
        arguments.Source = delta;
        TorchParallel.For(numRows, Grain(_config.HiddenSize), &AddRows, &arguments);
    }

    private RowArguments Norm(NormWeight<T>? weight) => new()
    {
        Residual = _residual.Pointer,
        Weight = weight is null ? null : weight.Values,
        Target = _normed.Pointer,
        Length = _config.HiddenSize,
        Epsilon = _config.RmsNormEpsilon,
    };

    // Rows that are worth waking another thread for: some 16k elements.
    private static long Grain(int length) => Math.Max(1, 16384 / length);

    private static void NormalizeRows(long begin, long end, void* pointer)
    {
        RowArguments* a = (RowArguments*)pointer;
        for (long row = begin; row < end; row++)
        {
            RowKernels<T>.RmsNorm(a->Residual + (row * a->Length), a->Weight, (T*)a->Target + (row * a->Length), a->Length, a->Epsilon);
        }
    }

    private static void AddRows(long begin, long end, void* pointer)
    {
        RowArguments* a = (RowArguments*)pointer;
        for (long row = begin; row < end; row++)
        {
            float* x = a->Residual + (row * a->Length);
            RowKernels<T>.Add(x, a->Source + (row * a->Length), a->Length);
            if (a->Weight is not null)
            {
                RowKernels<T>.RmsNorm(x, a->Weight, (T*)a->Target + (row * a->Length), a->Length, a->Epsilon);
            }
        }
    }

    private static void ActivateRows(long begin, long end, void* pointer)
    {
        RowArguments* a = (RowArguments*)pointer;
        for (long row = begin; row < end; row++)
        {
            T* gate = a->Source + (2 * row * a->Length);
            RowKernels<T>.SiluMul(gate, gate + a->Length, (T*)a->Target + (row * a->Length), a->Length);
        }
    }

    private static void WidenRows(long begin, long end, void* pointer)
    {
        RowArguments* a = (RowArguments*)pointer;
        for (long row = begin; row < end; row++)
        {
            T* source = a->Source + (row * a->Length);
            float* target = (float*)a->Target + (row * a->Length);
            for (int i = 0; i < a->Length; i++)
            {
                target[i] = Element<T>.Load(source + i);
            }
        }
    }

    private struct RowArguments
    {
        public float* Residual;
        public float* Weight;
        public T* Source;
        public void* Target;
        public int Length;
        public float Epsilon;
    }
}
