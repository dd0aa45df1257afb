using Dynamo.Abstractions.Instances;
using Dynamo.Protocol.Routing;

namespace Dynamo.Abstractions.Models;

/// <summary>A deployment as its grain sees it now.</summary>
[GenerateSerializer, Immutable, Alias("dynamo.ModelView")]
public sealed record ModelView
{
    /// <summary>Name that clients use.</summary>
    [Id(0)]
    public required string Model { get; init; }

    /// <summary>When the model was first offered.</summary>
    [Id(1)]
    public required DateTimeOffset Created { get; init; }

    /// <summary>Changes whenever anything below does; compare only views of one <see cref="Incarnation"/>.</summary>
    [Id(2)]
    public required long Version { get; init; }

    /// <summary>Which activation of the grain counts <see cref="Version"/>.</summary>
    [Id(3)]
    public required Guid Incarnation { get; init; }

    /// <summary>
    /// Whether every instance has had time to report to this incarnation; before, those that are missing may run all the same, and a view
    /// that somebody has of an earlier incarnation is worth more.
    /// </summary>
    [Id(5)]
    public required bool IsComplete { get; init; }

    /// <summary>When workers are too busy, as set while the cluster runs; what is left open the router's own flags say.</summary>
    [Id(6)]
    public BusyLimits Busy { get; init; } = new();

    /// <summary>Instances, oldest generation first.</summary>
    [Id(4)]
    public required InstanceReport[] Instances { get; init; }
}
