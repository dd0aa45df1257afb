using System.Runtime.InteropServices;
using Dynamo.Engine.Execution;
using Dynamo.Torch.Configuration;
using Dynamo.Torch.Kernels;
using Dynamo.Torch.Layers;
using Dynamo.Torch.Native;

namespace Dynamo.Torch.Cpu;

/// <summary>
/// One forward pass over the rows of a batch. Between the linear layers everything works row by row in parallel; the residual stream stays
/// in float32.
/// </summary>
/// <typeparam name="TActivation">Element of activations.</typeparam>
/// <typeparam name="T">Element of weights and cache.</typeparam>
internal sealed unsafe class CpuStep<TActivation, T> : IDisposable
    where TActivation : unmanaged
    where T : unmanaged
{
    // Rows of logits computed at once: bounds libtorch's temporary memory.
    private const int LogitChunk = 64;

    private readonly DecoderModel<TActivation, T> _model;
    private readonly ModelConfig _config;
    private readonly StepLimits _limits;
    private readonly AttentionPass<TActivation, T> _attention;
    private readonly ExpertMixture<TActivation, T>? _experts;
    private readonly NativeBuffer<float> _residual;
    private readonly NativeBuffer<TActivation> _attended;
    private readonly NativeBuffer<TActivation> _normed;
    private readonly NativeBuffer<TActivation> _activated;
    private readonly NativeBuffer<float> _final;
    private readonly NativeBuffer<float> _logits;

    public CpuStep(DecoderModel<TActivation, T> model, StepLimits limits, int numBlocks, int numThreads)
    {
        _model = model;
        _config = model.Config;
        _limits = limits;
        long rows = limits.MaxBatchedTokens;
        _attention = new AttentionPass<TActivation, T>(_config, limits, numBlocks, numThreads);
        _experts = _config.NumExperts > 0 ? new ExpertMixture<TActivation, T>(_config, limits.MaxBatchedTokens) : null;
        _residual = new NativeBuffer<float>(rows * _config.HiddenSize);
        _attended = new NativeBuffer<TActivation>(rows * _config.QuerySize);
        _normed = new NativeBuffer<TActivation>(rows * _config.HiddenSize);
        _activated = new NativeBuffer<TActivation>(rows * _config.IntermediateSize);
        _final = new NativeBuffer<float>((long)LogitChunk * _config.HiddenSize);
        _logits = new NativeBuffer<float>((long)limits.MaxLogitRows * _config.VocabularySize);
    }

    /// <summary>Computes a batch; the rows of <see cref="Logits"/> are then those that it asked for.</summary>
    public void Execute(StepBatch batch)
    {
        int numRows = batch.NumTokens;
        if (numRows < 1 || numRows > _limits.MaxBatchedTokens || batch.NumLogits > _limits.MaxLogitRows)
        {
            throw new ArgumentException($"A batch has 1 to {_limits.MaxBatchedTokens} rows and at most {_limits.MaxLogitRows} of logits; this one has {numRows} and {batch.NumLogits}.", nameof(batch));
        }

        _attention.Plan(batch);
        Embed(batch.TokenIds, numRows);
        RowPasses<TActivation>.Normalize(
            _residual.Pointer, _model.Layers[0].InputNorm.Values, _normed.Pointer, _config.HiddenSize, _config.RmsNormEpsilon, numRows);
        for (int i = 0; i < _model.Layers.Length; i++)
        {
            Attend(i, batch, numRows);

            // The next layer's norm follows at once; after the last layer only the rows of logits are normalized.
            float* nextNorm = i + 1 < _model.Layers.Length ? _model.Layers[i + 1].InputNorm.Values : null;
            FeedForward(_model.Layers[i], nextNorm, numRows);
        }

        Project(batch.LogitRows, batch.NumLogits);
    }

    /// <summary>The first rows of logits of the last batch, float32 [count, vocabulary]; overwritten by the next.</summary>
    public Span<float> Logits(int count) => new(_logits.Pointer, checked(count * _config.VocabularySize));

    /// <summary>The residual stream behind the last layer of a row of the last step, float32 [hidden] in pair order; rows lie one behind the other.</summary>
    public float* Residual(int row) => _residual.Pointer + ((long)row * _config.HiddenSize);

    /// <inheritdoc/>
    public void Dispose()
    {
        _attention.Dispose();
        _experts?.Dispose();
        _residual.Dispose();
        _attended.Dispose();
        _normed.Dispose();
        _activated.Dispose();
        _final.Dispose();
        _logits.Dispose();
    }

    private void Embed(int[] tokens, int numRows)
    {
        int size = _config.HiddenSize;
        for (int row = 0; row < numRows; row++)
        {
            _model.Embed(tokens[row], _normed.Pointer + ((long)row * size), _residual.Pointer + ((long)row * size));
        }
    }

    private void Attend(int index, StepBatch batch, int numRows)
    {
        DecoderLayer<TActivation, T> layer = _model.Layers[index];
        LinearResult<TActivation> qkv = layer.Qkv.Forward(_normed.Pointer, numRows);
        _attention.Run(index, layer, batch, qkv.Data, _attended.Pointer);
        qkv.Dispose();

        LinearResult<TActivation> output = layer.Output.Forward(_attended.Pointer, numRows);
        RowPasses<TActivation>.AddAndNormalize(
            _residual.Pointer, output.Data, layer.PostAttentionNorm.Values, _normed.Pointer, _config.HiddenSize, _config.RmsNormEpsilon, numRows);
        output.Dispose();
    }

    private void FeedForward(DecoderLayer<TActivation, T> layer, float* nextNorm, int numRows)
    {
        int hidden = _config.HiddenSize;
        if (layer.Mlp is { } mlp)
        {
            LinearResult<TActivation> gateUp = mlp.GateUp.Forward(_normed.Pointer, numRows);
            RowPasses<TActivation>.Activate(gateUp.Data, _activated.Pointer, _config.IntermediateSize, numRows);
            gateUp.Dispose();
            LinearResult<TActivation> down = mlp.Down.Forward(_activated.Pointer, numRows);
            RowPasses<TActivation>.AddAndNormalize(_residual.Pointer, down.Data, nextNorm, _normed.Pointer, hidden, _config.RmsNormEpsilon, numRows);
            down.Dispose();
            return;
        }

        _experts!.Run(layer, _normed.Pointer, _residual.Pointer, numRows);
        if (nextNorm is not null)
        {
            RowPasses<TActivation>.Normalize(_residual.Pointer, nextNorm, _normed.Pointer, hidden, _config.RmsNormEpsilon, numRows);
        }
    }

    private void Project(int[] rows, int numLogits)
    {
        int hidden = _config.HiddenSize;
        int vocabulary = _config.VocabularySize;
        for (int start = 0; start < numLogits; start += LogitChunk)
        {
            int count = Math.Min(LogitChunk, numLogits - start);
            for (int i = 0; i < count; i++)
            {
                float* x = _residual.Pointer + ((long)rows[start + i] * hidden);
                RowKernels<TActivation>.RmsNormWide(x, _model.FinalNorm.Values, _final.Pointer + ((long)i * hidden), hidden, _config.RmsNormEpsilon);
            }

            LinearResult<float> head = _model.Head.Forward(_final.Pointer, count);
            nuint bytes = checked((nuint)count * (nuint)vocabulary * sizeof(float));
            NativeMemory.Copy(head.Data, _logits.Pointer + ((long)start * vocabulary), bytes);
            head.Dispose();
        }
    }
}
