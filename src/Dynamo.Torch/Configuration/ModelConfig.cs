using Dynamo.Protocol.Models;
using Dynamo.Torch.Weights;

namespace Dynamo.Torch.Configuration;

/// <summary>
/// What config.json says of a decoder-only transformer, checked: RMSNorm before each half of a layer, rotary positions, grouped-query
/// attention, and a SiLU-gated MLP, dense or of experts. Missing fields have the family's defaults in transformers.
/// </summary>
/// <remarks>
/// Both spellings of config.json are read, transformers 4's and 5's. A field that would change the result and is not read is an error;
/// fields of unknown meaning are listed in <see cref="Warnings"/>.
/// </remarks>
public sealed record ModelConfig
{
    /// <summary>Class name in config.json, for example <c>LlamaForCausalLM</c>.</summary>
    public required string Architecture { get; init; }

    /// <summary>Width of the residual stream.</summary>
    public required int HiddenSize { get; init; }

    /// <summary>Width of the MLP, of each expert if there are experts.</summary>
    public required int IntermediateSize { get; init; }

    /// <summary>Transformer layers.</summary>
    public required int NumLayers { get; init; }

    /// <summary>Query heads.</summary>
    public required int NumHeads { get; init; }

    /// <summary>Key-value heads; divides <see cref="NumHeads"/>. Query head h reads key-value head h / (NumHeads / NumKVHeads).</summary>
    public required int NumKVHeads { get; init; }

    /// <summary>Elements of a head, even. NumHeads * HeadDim need not be <see cref="HiddenSize"/>.</summary>
    public required int HeadDim { get; init; }

    /// <summary>Rows of the embedding and width of the logits.</summary>
    public required int VocabularySize { get; init; }

    /// <summary>Longest sequence that the model was made for, in tokens.</summary>
    public required int MaxPositions { get; init; }

    /// <summary>Added to the mean square in every RMSNorm.</summary>
    public required float RmsNormEpsilon { get; init; }

    /// <summary>Rotary position embedding.</summary>
    public required RopeConfig Rope { get; init; }

    /// <summary>Whether the output head is the embedding. See <see cref="EmbeddingNames"/> for checkpoints that hold both.</summary>
    public required bool TieWordEmbeddings { get; init; }

    /// <summary>Whether q_proj, k_proj and v_proj have biases.</summary>
    public required bool QkvBias { get; init; }

    /// <summary>Whether o_proj has a bias.</summary>
    public required bool OutputBias { get; init; }

    /// <summary>Whether gate_proj, up_proj and down_proj have biases.</summary>
    public required bool MlpBias { get; init; }

    /// <summary>Whether each query and key head passes an RMSNorm of its own (q_norm, k_norm) before rotation.</summary>
    public required bool QKNorm { get; init; }

    /// <summary>Per layer, how many positions a token attends to, itself included; <see langword="null"/> for all. [NumLayers]</summary>
    public required IReadOnlyList<int?> SlidingWindows { get; init; }

    /// <summary>Experts of each layer, 0 for a dense MLP.</summary>
    public int NumExperts { get; init; }

    /// <summary>
    /// Experts per token, 0 for a dense MLP: the highest router probabilities (softmax over all experts, float32), scaled to add up to 1.
    /// </summary>
    public int NumExpertsPerToken { get; init; }

    /// <summary>The dtype that config.json names, or <see langword="null"/> when it names none; then the weights' own counts.</summary>
    public TensorDType? DType { get; init; }

    /// <summary>Fields that were not read and are not known to be harmless, one line each.</summary>
    public required IReadOnlyList<string> Warnings { get; init; }

    /// <summary>Width of all query heads: rows of q_proj, columns of o_proj.</summary>
    public int QuerySize => NumHeads * HeadDim;

    /// <summary>Width of all key heads, and of all value heads: rows of k_proj and v_proj.</summary>
    public int KVSize => NumKVHeads * HeadDim;

    /// <summary>Parameters, tied ones once.</summary>
    public long NumParameters => checked((long)ParameterCount.Of(this));

    /// <summary>Reads and checks config.json. Special tokens are not read: they concern text, not tensors.</summary>
    /// <exception cref="ModelFolderException">Unknown architecture, a value out of range, or a feature that is not supported.</exception>
    public static ModelConfig Load(ModelFolder folder) => ModelConfigReader.Read(folder);
}
