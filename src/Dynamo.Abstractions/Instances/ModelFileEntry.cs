namespace Dynamo.Abstractions.Instances;

/// <summary>A text file of a model folder.</summary>
/// <param name="Name">Name in the folder.</param>
/// <param name="Length">Length in bytes.</param>
[GenerateSerializer, Immutable, Alias("dynamo.ModelFileEntry")]
public readonly record struct ModelFileEntry([property: Id(0)] string Name, [property: Id(1)] int Length)
{
    /// <summary>Most bytes that one read returns: a message that does not hold up others on the same connection.</summary>
    public const int ChunkBytes = 1 << 20;
}
