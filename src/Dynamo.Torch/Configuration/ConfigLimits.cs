namespace Dynamo.Torch.Configuration;

/// <summary>Largest sizes that a config may ask for: several times those of any published model, small enough that products stay harmless.</summary>
internal static class ConfigLimits
{
    public const int HiddenSize = 1 << 17;
    public const int IntermediateSize = 1 << 20;
    public const int NumLayers = 4096;
    public const int NumHeads = 4096;
    public const int HeadDim = 4096;
    public const int VocabularySize = 1 << 24;
    public const int MaxPositions = 1 << 24;
    public const int NumExperts = 4096;
}
