using Dynamo.Engine.Execution;
using Dynamo.Protocol.Models;
using Dynamo.Torch.Configuration;
using Dynamo.Torch.Weights;
using static TorchSharp.torch;

namespace Dynamo.Torch.Cuda;

/// <summary>All parameters of a model on one device, in one dtype. Owns its tensors.</summary>
internal sealed class TorchOpsWeights : IDisposable
{
    private readonly IReadOnlyList<Tensor> _owned;

    private TorchOpsWeights(IReadOnlyList<Tensor> owned) => _owned = owned;

    /// <summary>Input embedding, [vocabulary, hidden].</summary>
    public required Tensor Embedding { get; init; }

    public required IReadOnlyList<TorchOpsLayer> Layers { get; init; }

    public required Tensor FinalNorm { get; init; }

    /// <summary>Output head; shares memory with the embedding when tied.</summary>
    public required TorchOpsLinear Head { get; init; }

    /// <summary>Reads every weight that the config asks for and checks that the checkpoint holds no other.</summary>
    /// <exception cref="ModelFolderException">A weight is missing, too many, or of the wrong shape or dtype.</exception>
    public static TorchOpsWeights Load(
        ModelConfig config, WeightFiles files, Device device, ScalarType dtype, IProgress<LoadProgress>? progress, CancellationToken cancellationToken)
    {
        TorchOpsWeightReader reader = new(files, device, dtype, progress, cancellationToken);
        try
        {
            EmbeddingNames names = EmbeddingNames.Find(files, config);
            Tensor embedding = reader.Read(names.Embedding, config.VocabularySize, config.HiddenSize);
            Tensor head = names.Tied ? embedding : reader.Read(names.OutputHead, config.VocabularySize, config.HiddenSize);
            TorchOpsLayer[] layers = new TorchOpsLayer[config.NumLayers];
            for (int i = 0; i < layers.Length; i++)
            {
                layers[i] = ReadLayer(reader, config, $"model.layers.{i}");
            }

            Tensor finalNorm = reader.Read("model.norm.weight", config.HiddenSize);
            files.ThrowIfUnused();
            return new TorchOpsWeights(reader.Owned)
            {
                Embedding = embedding,
                Layers = layers,
                FinalNorm = finalNorm,
                Head = reader.Transposed(head, null),
            };
        }
        catch
        {
            DisposeAll(reader.Owned);
            throw;
        }
    }

    public void Dispose() => DisposeAll(_owned);

    private static void DisposeAll(IReadOnlyList<Tensor> tensors)
    {
        foreach (Tensor tensor in tensors)
        {
            tensor.Dispose();
        }
    }

    private static TorchOpsLayer ReadLayer(TorchOpsWeightReader reader, ModelConfig config, string layer)
    {
        string attention = $"{layer}.self_attn";
        return new TorchOpsLayer
        {
            InputNorm = reader.Read($"{layer}.input_layernorm.weight", config.HiddenSize),
            Query = reader.ReadLinear($"{attention}.q_proj", config.QuerySize, config.HiddenSize, config.QkvBias),
            Key = reader.ReadLinear($"{attention}.k_proj", config.KVSize, config.HiddenSize, config.QkvBias),
            Value = reader.ReadLinear($"{attention}.v_proj", config.KVSize, config.HiddenSize, config.QkvBias),
            Output = reader.ReadLinear($"{attention}.o_proj", config.HiddenSize, config.QuerySize, config.OutputBias),
            QueryNorm = config.QKNorm ? reader.Read($"{attention}.q_norm.weight", config.HeadDim) : null,
            KeyNorm = config.QKNorm ? reader.Read($"{attention}.k_norm.weight", config.HeadDim) : null,
            PostAttentionNorm = reader.Read($"{layer}.post_attention_layernorm.weight", config.HiddenSize),
            Mlp = config.NumExperts == 0 ? ReadMlp(reader, config, $"{layer}.mlp.gate_proj", $"{layer}.mlp.up_proj", $"{layer}.mlp.down_proj") : null,
            Router = config.NumExperts == 0 ? null : reader.ReadLinear($"{layer}.block_sparse_moe.gate", config.NumExperts, config.HiddenSize, false),
            Experts =
            [
                .. Enumerable.Range(0, config.NumExperts)
                    .Select(e => $"{layer}.block_sparse_moe.experts.{e}")
                    .Select(expert => ReadMlp(reader, config, $"{expert}.w1", $"{expert}.w3", $"{expert}.w2")),
            ],
        };
    }

    private static TorchOpsMlp ReadMlp(TorchOpsWeightReader reader, ModelConfig config, string gate, string up, string down) => new(
        reader.ReadLinear(gate, config.IntermediateSize, config.HiddenSize, config.MlpBias),
        reader.ReadLinear(up, config.IntermediateSize, config.HiddenSize, config.MlpBias),
        reader.ReadLinear(down, config.HiddenSize, config.IntermediateSize, config.MlpBias));
}
