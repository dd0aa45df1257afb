using Dynamo.Engine.Execution;
using Dynamo.Protocol.Models;
using Dynamo.Torch.Configuration;
using Dynamo.Torch.Numerics;
using Dynamo.Torch.Weights;

namespace Dynamo.Torch.Layers;

/// <summary>A decoder's weights, packed for the CPU. The embedding stays in the mapped file: a token reads one row of it.</summary>
/// <typeparam name="TActivation">Element of activations: T, or float32 beside bfloat16 weights.</typeparam>
/// <typeparam name="T">Element of weights.</typeparam>
internal sealed unsafe class DecoderModel<TActivation, T> : IDisposable
    where TActivation : unmanaged
    where T : unmanaged
{
    private readonly WeightFiles _files;
    private readonly WeightSource _source;
    private readonly TensorView _embedding;

    /// <summary>Reads and packs a checkpoint. Takes over the files: they are closed with the model, and when reading fails.</summary>
    /// <exception cref="ModelFolderException">A weight is missing, damaged, of the wrong shape, or left over.</exception>
    /// <exception cref="OutOfMemoryException">The weights are more than the machine's memory; the message gives both.</exception>
    public DecoderModel(ModelConfig config, WeightFiles files, LinearFactory linears, IProgress<LoadProgress>? progress, CancellationToken cancellationToken)
    {
        Config = config;
        Path = linears.Path;
        _files = files;
        _source = new WeightSource(files, linears, progress, cancellationToken);
        Layers = new DecoderLayer<TActivation, T>[config.NumLayers];
        try
        {
            ThrowIfTooLarge(files.NumElements * sizeof(T), GC.GetGCMemoryInfo().TotalAvailableMemoryBytes);
            EmbeddingNames names = EmbeddingNames.Find(files, config);
            _embedding = _source.Get(names.Embedding, config.VocabularySize, config.HiddenSize);
            for (int i = 0; i < Layers.Length; i++)
            {
                Layers[i] = new DecoderLayer<TActivation, T>(config, _source, i);
            }

            FinalNorm = _source.Norm<TActivation>("model.norm", config.HiddenSize);
            Head = _source.Linear<float, T>(_source.Get(names.OutputHead, config.VocabularySize, config.HiddenSize));
            files.ThrowIfUnused();
        }
        catch
        {
            Dispose();
            throw;
        }
    }

    public ModelConfig Config { get; }

    /// <summary>Who computes its layers.</summary>
    public LinearPath Path { get; }

    public DecoderLayer<TActivation, T>[] Layers { get; }

    public NormWeight<TActivation> FinalNorm { get; }

    /// <summary>[hidden] → [vocabulary], float32 on both sides: rounded to bfloat16, close logits become ties, and greedy decoding takes the wrong one.</summary>
    public LinearLayer<float> Head { get; }

    /// <summary>Every layer's linear layers, in the order of their work; not the head.</summary>
    public IEnumerable<LinearLayer<TActivation>> Linears
    {
        get
        {
            foreach (DecoderLayer<TActivation, T> layer in Layers)
            {
                yield return layer.Qkv;
                yield return layer.Output;
                foreach (GatedMlp<TActivation, T> mlp in layer.Mlp is { } dense ? [dense] : layer.Experts)
                {
                    yield return mlp.GateUp;
                    yield return mlp.Down;
                }
            }
        }
    }

    /// <summary>Reads one token's embedding.</summary>
    /// <param name="token">Below the vocabulary size.</param>
    /// <param name="scratch">[hidden].</param>
    /// <param name="residual">Float32 in pair order, [hidden].</param>
    public void Embed(int token, TActivation* scratch, float* residual)
    {
        int size = Config.HiddenSize;
        byte* row = (byte*)_embedding.Data + ((long)token * size * _embedding.DType.Size());
        TorchDType<TActivation>.Convert(_embedding.DType, row, scratch, size);
        Element<TActivation>.Expand(scratch, residual, size);
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _source.Dispose();
        _files.Dispose();
    }

    // Asked before minutes of reading, because the kernel does not refuse memory: it ends the process later.
    private static void ThrowIfTooLarge(long neededBytes, long machineBytes)
    {
        if (neededBytes > machineBytes)
        {
            throw new OutOfMemoryException($"The weights take {neededBytes >> 20:N0} MiB in {TorchDType<T>.Name}; this machine has {machineBytes >> 20:N0} MiB of memory.");
        }
    }
}
