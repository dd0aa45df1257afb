namespace Dynamo.Torch.Configuration;

/// <summary>Counts the parameters that a config implies, in arithmetic that hostile sizes cannot overflow.</summary>
internal static class ParameterCount
{
    /// <summary>Most parameters of a model, 16 times the largest published ones.</summary>
    public const long Max = 1L << 44;

    public static Int128 Of(ModelConfig config)
    {
        Int128 hidden = config.HiddenSize;
        Int128 query = (Int128)config.NumHeads * config.HeadDim;
        Int128 keyValue = (Int128)config.NumKVHeads * config.HeadDim;
        Int128 attention = (hidden * (query + keyValue + keyValue)) + (query * hidden)
            + (config.QkvBias ? query + keyValue + keyValue : 0) + (config.OutputBias ? hidden : 0) + (config.QKNorm ? 2 * config.HeadDim : 0);
        Int128 mlp = (3 * hidden * config.IntermediateSize) + (config.MlpBias ? (2 * config.IntermediateSize) + hidden : 0);
        Int128 experts = config.NumExperts == 0 ? mlp : config.NumExperts * (mlp + hidden);
        Int128 embeddings = config.VocabularySize * hidden * (config.TieWordEmbeddings ? 1 : 2);
        return (config.NumLayers * (attention + experts + (2 * hidden))) + embeddings + hidden;
    }
}
