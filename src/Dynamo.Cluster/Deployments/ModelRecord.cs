using Dynamo.Protocol.Routing;

namespace Dynamo.Cluster.Deployments;

/// <summary>What of a deployment must outlive its grain: generations are never given twice, and what an operator has set stays.</summary>
[GenerateSerializer, Alias("dynamo.ModelRecord")]
internal sealed record ModelRecord
{
    /// <summary>Highest generation ever minted.</summary>
    [Id(0)]
    public long LastGeneration { get; init; }

    /// <summary>When the model was first offered.</summary>
    [Id(1)]
    public DateTimeOffset Created { get; init; }

    /// <summary>When workers are too busy, as set while the cluster runs.</summary>
    [Id(2)]
    public BusyLimits Busy { get; init; } = new();
}
