namespace Dynamo.Cluster.Deployments;

/// <summary>What of a deployment must outlive its grain: generations are never given twice.</summary>
[GenerateSerializer, Alias("dynamo.ModelRecord")]
internal sealed class ModelRecord
{
    /// <summary>Highest generation ever minted.</summary>
    [Id(0)]
    public long LastGeneration { get; set; }

    /// <summary>When the model was first offered.</summary>
    [Id(1)]
    public DateTimeOffset Created { get; set; }
}
