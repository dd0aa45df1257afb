namespace Dynamo.Torch.Configuration;

/// <summary>How rotary position embeddings stretch their frequencies.</summary>
public enum RopeKind
{
    /// <summary>Not at all.</summary>
    Default,

    /// <summary>All by one factor.</summary>
    Linear,

    /// <summary>Llama 3.1's: long waves by the factor, short ones not, a smooth passage between.</summary>
    Llama3,
}
