using Dynamo.Torch.Configuration;

namespace Dynamo.Torch.Weights;

/// <summary>Which tensors are the input embedding and the output head; the same name when they are tied.</summary>
/// <param name="Embedding">Input embedding, [vocabulary, hidden].</param>
/// <param name="OutputHead">Output head, [vocabulary, hidden].</param>
public readonly record struct EmbeddingNames(string Embedding, string OutputHead)
{
    private const string EmbeddingName = "model.embed_tokens.weight";
    private const string HeadName = "lm_head.weight";

    /// <summary>Whether one tensor serves as both.</summary>
    public bool Tied => Embedding == OutputHead;

    /// <summary>
    /// Decides as transformers 5 does: tied by config means one tensor, unless the checkpoint holds both with different values; then both count.
    /// </summary>
    /// <exception cref="Dynamo.Protocol.Models.ModelFolderException">A tensor that is needed is missing or of the wrong shape.</exception>
    public static unsafe EmbeddingNames Find(WeightFiles weights, ModelConfig config)
    {
        if (!config.TieWordEmbeddings)
        {
            return new EmbeddingNames(EmbeddingName, HeadName);
        }

        if (!weights.Has(HeadName))
        {
            return new EmbeddingNames(EmbeddingName, EmbeddingName);
        }

        if (!weights.Has(EmbeddingName))
        {
            return new EmbeddingNames(HeadName, HeadName);
        }

        // Asking for both also marks both as used.
        TensorView embedding = weights.Get(EmbeddingName, config.VocabularySize, config.HiddenSize);
        TensorView head = weights.Get(HeadName, config.VocabularySize, config.HiddenSize);
        return SameBytes(embedding, head) ? new EmbeddingNames(EmbeddingName, EmbeddingName) : new EmbeddingNames(EmbeddingName, HeadName);
    }

    private static unsafe bool SameBytes(TensorView a, TensorView b)
    {
        const long slice = 1L << 30;
        if (a.DType != b.DType || a.ByteLength != b.ByteLength)
        {
            return false;
        }

        for (long at = 0; at < a.ByteLength; at += slice)
        {
            int length = (int)Math.Min(slice, a.ByteLength - at);
            if (!new ReadOnlySpan<byte>((byte*)a.Data + at, length).SequenceEqual(new ReadOnlySpan<byte>((byte*)b.Data + at, length)))
            {
                return false;
            }
        }

        return true;
    }
}
