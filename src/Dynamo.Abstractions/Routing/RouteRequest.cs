using Dynamo.Protocol.Load;
using Dynamo.Protocol.Requests;

namespace Dynamo.Abstractions.Routing;

/// <summary>Asks where a sequence should run.</summary>
[GenerateSerializer, Immutable, Alias("dynamo.RouteRequest")]
public sealed record RouteRequest
{
    /// <summary>The sequence.</summary>
    [Id(0)]
    public required RequestId Request { get; init; }

    /// <summary>Workers that have just refused it or could not be reached.</summary>
    [Id(1)]
    public WorkerId[] Excluded { get; init; } = [];
}
