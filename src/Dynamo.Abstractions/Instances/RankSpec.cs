namespace Dynamo.Abstractions.Instances;

/// <summary>What a rank is told to be.</summary>
[GenerateSerializer, Immutable, Alias("dynamo.RankSpec")]
public sealed record RankSpec
{
    /// <summary>The instance and its generation.</summary>
    [Id(0)]
    public required InstanceKey Instance { get; init; }

    /// <summary>Place in the instance, from 0.</summary>
    [Id(1)]
    public required int Rank { get; init; }

    /// <summary>The GPUs of all ranks of the instance, rank 0 first.</summary>
    [Id(2)]
    public required RankKey[] Ranks { get; init; }

    /// <summary>Ranks of the instance.</summary>
    public int WorldSize => Ranks.Length;
}
