using Dynamo.Abstractions.Instances;
using Dynamo.Protocol.Load;

namespace Dynamo.Abstractions.Routing;

/// <summary>Where a sequence should run. Advice: the worker decides whether it takes it.</summary>
[GenerateSerializer, Immutable, Alias("dynamo.RouteDecision")]
public sealed record RouteDecision
{
    /// <summary>The instance, or <see langword="null"/> when none is eligible.</summary>
    [Id(0)]
    public InstanceKey? Instance { get; init; }

    /// <summary>Identity of the instance's head.</summary>
    [Id(1)]
    public WorkerId Worker { get; init; }

    /// <summary>Instances that the model has, eligible or not.</summary>
    [Id(2)]
    public required int NumInstances { get; init; }

    /// <summary>Why none is eligible, for the client's error.</summary>
    [Id(3)]
    public string? Reason { get; init; }
}
