namespace Dynamo.Benchmarks.Models;

/// <summary>
/// A Llama of 245.9M parameters with random weights: large enough that decoding is bound by memory and prefill by arithmetic, small enough for
/// two cores. Both engines get the very same numbers, in the file format that each of them reads.
/// </summary>
internal static class RandomModel
{
    public const int HiddenSize = 2048;
    public const int IntermediateSize = 5632;
    public const int NumLayers = 4;
    public const int NumHeads = 32;
    public const int NumKVHeads = 8;
    public const int HeadDim = 64;
    public const int VocabularySize = 32_000;
    public const int MaxPositions = 4096;
    public const float RmsNormEpsilon = 1e-5f;
    public const float RopeTheta = 500_000;

    // transformers' initializer_range.
    private const float LinearDeviation = 0.02f;
    private const float NormDeviation = 0.1f;

    /// <summary>Weights that every token is multiplied with: linear layers without the output head.</summary>
    public static long NumLayerWeights { get; } = NumLayers * (
        ((long)HiddenSize * HeadDim * (2 * NumHeads + 2 * NumKVHeads)) + (3L * HiddenSize * IntermediateSize));

    /// <summary>Weights of the output head, which are the embedding's.</summary>
    public static long NumHeadWeights { get; } = (long)VocabularySize * HiddenSize;

    /// <summary>Bytes of keys and values of one token, bfloat16.</summary>
    public static long KVBytesPerToken { get; } = 2L * NumLayers * NumKVHeads * HeadDim * sizeof(ushort);

    /// <summary>All tensors; a tensor's place in the list seeds its numbers.</summary>
    public static IReadOnlyList<RandomTensor> Tensors { get; } = List();

    /// <summary>config.json as model hubs have it.</summary>
    public static string ConfigJson { get; } = $$"""
        {
          "architectures": ["LlamaForCausalLM"],
          "model_type": "llama",
          "hidden_act": "silu",
          "hidden_size": {{HiddenSize}},
          "intermediate_size": {{IntermediateSize}},
          "num_hidden_layers": {{NumLayers}},
          "num_attention_heads": {{NumHeads}},
          "num_key_value_heads": {{NumKVHeads}},
          "head_dim": {{HeadDim}},
          "vocab_size": {{VocabularySize}},
          "max_position_embeddings": {{MaxPositions}},
          "rms_norm_eps": {{RmsNormEpsilon}},
          "rope_theta": {{RopeTheta}},
          "tie_word_embeddings": true,
          "torch_dtype": "bfloat16",
          "bos_token_id": 1,
          "eos_token_id": 2
        }
        """;

    private static List<RandomTensor> List()
    {
        List<RandomTensor> tensors = [];
        Matrix("model.embed_tokens.weight", "token_embd.weight", VocabularySize, HiddenSize);
        for (int i = 0; i < NumLayers; i++)
        {
            string hub = $"model.layers.{i}";
            string gguf = $"blk.{i}";
            Norm($"{hub}.input_layernorm.weight", $"{gguf}.attn_norm.weight");
            Matrix($"{hub}.self_attn.q_proj.weight", $"{gguf}.attn_q.weight", NumHeads * HeadDim, HiddenSize, isRotated: true);
            Matrix($"{hub}.self_attn.k_proj.weight", $"{gguf}.attn_k.weight", NumKVHeads * HeadDim, HiddenSize, isRotated: true);
            Matrix($"{hub}.self_attn.v_proj.weight", $"{gguf}.attn_v.weight", NumKVHeads * HeadDim, HiddenSize);
            Matrix($"{hub}.self_attn.o_proj.weight", $"{gguf}.attn_output.weight", HiddenSize, NumHeads * HeadDim);
            Norm($"{hub}.post_attention_layernorm.weight", $"{gguf}.ffn_norm.weight");
            Matrix($"{hub}.mlp.gate_proj.weight", $"{gguf}.ffn_gate.weight", IntermediateSize, HiddenSize);
            Matrix($"{hub}.mlp.up_proj.weight", $"{gguf}.ffn_up.weight", IntermediateSize, HiddenSize);
            Matrix($"{hub}.mlp.down_proj.weight", $"{gguf}.ffn_down.weight", HiddenSize, IntermediateSize);
        }

        Norm("model.norm.weight", "output_norm.weight");
        return tensors;

        void Matrix(string hub, string gguf, int rows, int columns, bool isRotated = false) =>
            tensors.Add(new RandomTensor(tensors.Count, hub, gguf, rows, columns, Mean: 0, LinearDeviation, isRotated));

        void Norm(string hub, string gguf) =>
            tensors.Add(new RandomTensor(tensors.Count, hub, gguf, Rows: null, HiddenSize, Mean: 1, NormDeviation, IsRotated: false));
    }
}
