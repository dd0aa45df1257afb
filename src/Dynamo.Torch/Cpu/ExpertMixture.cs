using Dynamo.Torch.Configuration;
using Dynamo.Torch.Kernels;
using Dynamo.Torch.Layers;
using Dynamo.Torch.Native;

namespace Dynamo.Torch.Cpu;

/// <summary>
/// Mixtral's experts: for each row the most probable experts (ties to the lowest id), their probabilities scaled to add up to 1. Rows of one
/// expert are computed together; each row adds its experts in ascending id, so its sum does not depend on the batch.
/// </summary>
/// <typeparam name="TActivation">Element of activations.</typeparam>
/// <typeparam name="T">Element of weights.</typeparam>
internal sealed unsafe class ExpertMixture<TActivation, T> : IDisposable
    where TActivation : unmanaged
    where T : unmanaged
{
    private readonly ModelConfig _config;
    private readonly NativeBuffer<float> _probabilities;
    private readonly NativeBuffer<float> _weights;
    private readonly NativeBuffer<int> _rows;
    private readonly NativeBuffer<TActivation> _gathered;
    private readonly NativeBuffer<TActivation> _activated;

    public ExpertMixture(ModelConfig config, int maxRows)
    {
        _config = config;
        _probabilities = new NativeBuffer<float>((long)maxRows * config.NumExperts);
        _weights = new NativeBuffer<float>((long)maxRows * config.NumExperts);
        _rows = new NativeBuffer<int>(maxRows);
        _gathered = new NativeBuffer<TActivation>((long)maxRows * config.HiddenSize);
        _activated = new NativeBuffer<TActivation>((long)maxRows * config.IntermediateSize);
    }

    /// <summary>Adds every row's experts to its residual.</summary>
    /// <param name="layer">The layer.</param>
    /// <param name="normed">Rows [hidden].</param>
    /// <param name="residual">Float32 rows [hidden] in pair order.</param>
    /// <param name="numRows">Rows.</param>
    public void Run(DecoderLayer<TActivation, T> layer, TActivation* normed, float* residual, int numRows)
    {
        Route(layer, normed, numRows);
        int hidden = _config.HiddenSize;
        for (int expert = 0; expert < layer.Experts.Length; expert++)
        {
            int count = Gather(expert, normed, numRows);
            if (count == 0)
            {
                continue;
            }

            GatedMlp<TActivation, T> mlp = layer.Experts[expert];
            LinearResult<TActivation> gateUp = mlp.GateUp.Forward(_gathered.Pointer, count);
            RowPasses<TActivation>.Activate(gateUp.Data, _activated.Pointer, _config.IntermediateSize, count);
            gateUp.Dispose();
            LinearResult<TActivation> down = mlp.Down.Forward(_activated.Pointer, count);
            for (int i = 0; i < count; i++)
            {
                int row = _rows.Pointer[i];
                float weight = _weights.Pointer[((long)row * _config.NumExperts) + expert];
                RowKernels<TActivation>.AddScaled(residual + ((long)row * hidden), down.Data + ((long)i * hidden), weight, hidden);
            }

            down.Dispose();
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _probabilities.Dispose();
        _weights.Dispose();
        _rows.Dispose();
        _gathered.Dispose();
        _activated.Dispose();
    }

    private int Gather(int expert, TActivation* normed, int numRows)
    {
        int hidden = _config.HiddenSize;
        int count = 0;
        for (int row = 0; row < numRows; row++)
        {
            if (_weights.Pointer[((long)row * _config.NumExperts) + expert] > 0)
            {
                new Span<TActivation>(normed + ((long)row * hidden), hidden).CopyTo(new Span<TActivation>(_gathered.Pointer + ((long)count * hidden), hidden));
                _rows.Pointer[count++] = row;
            }
        }

        return count;
    }

    private void Route(DecoderLayer<TActivation, T> layer, TActivation* normed, int numRows)
    {
        int hidden = _config.HiddenSize;
        for (int row = 0; row < numRows; row++)
        {
            long offset = (long)row * _config.NumExperts;
            Span<float> probabilities = new(_probabilities.Pointer + offset, _config.NumExperts);
            for (int expert = 0; expert < probabilities.Length; expert++)
            {
                probabilities[expert] = RowKernels<TActivation>.Dot(normed + ((long)row * hidden), layer.Router!.Pointer + ((long)expert * hidden), hidden);
            }

            Softmax(probabilities);
            Choose(probabilities, new Span<float>(_weights.Pointer + offset, _config.NumExperts), _config.NumExpertsPerToken);
        }
    }

    private static void Softmax(Span<float> values)
    {
        float max = float.NegativeInfinity;
        foreach (float value in values)
        {
            max = MathF.Max(max, value);
        }

        float sum = 0;
        for (int i = 0; i < values.Length; i++)
        {
            values[i] = MathF.Exp(values[i] - max);
            sum += values[i];
        }

        for (int i = 0; i < values.Length; i++)
        {
            values[i] /= sum;
        }
    }

    // Weight 0 means not chosen. A chosen probability that underflowed to 0 adds nothing either way.
    private static void Choose(Span<float> probabilities, Span<float> weights, int numChosen)
    {
        weights.Clear();
        float sum = 0;
        for (int n = 0; n < numChosen; n++)
        {
            int best = 0;
            for (int expert = 1; expert < probabilities.Length; expert++)
            {
                best = probabilities[expert] > probabilities[best] ? expert : best;
            }

            weights[best] = probabilities[best];
            sum += probabilities[best];
            probabilities[best] = -1;
        }

        for (int expert = 0; expert < weights.Length; expert++)
        {
            weights[expert] /= sum;
        }
    }
}
