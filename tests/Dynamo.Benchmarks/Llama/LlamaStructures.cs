namespace Dynamo.Benchmarks.Llama;

/// <summary>Any of llama.cpp's and ggml's parameter structures, with room to spare; the longest, ggml_threadpool_params, takes about 530 bytes.</summary>
internal unsafe struct LlamaParameters
{
    /// <summary>All bytes as 32-bit numbers.</summary>
    public fixed int Numbers[NumNumbers];

    /// <summary>Length of <see cref="Numbers"/>.</summary>
    public const int NumNumbers = 256;
}

/// <summary>llama_batch.</summary>
internal unsafe struct LlamaBatch
{
    public int NumTokens;
    public int* Tokens;

    /// <summary>Input in place of tokens; not used here.</summary>
    public float* Embeddings;

    public int* Positions;
    public int* NumSequenceIds;
    public int** SequenceIds;

    /// <summary>Whether a token's logits are wanted.</summary>
    public byte* WantsLogits;
}

/// <summary>llama.cpp cannot be used here; the message says why.</summary>
internal sealed class LlamaException(string message) : Exception(message);
