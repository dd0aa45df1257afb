namespace Dynamo.Cluster.Routing;

/// <summary>What a router has heard of its workers' caches since it began. Immutable.</summary>
/// <param name="Model">Its model.</param>
/// <param name="NumStored">Events applied that blocks were stored.</param>
/// <param name="NumRemoved">Events applied that blocks were removed.</param>
/// <param name="NumCleared">Events applied that all blocks are gone.</param>
/// <param name="NumGaps">Gaps in a worker's numbers.</param>
/// <param name="NumLists">Times that a worker's whole list was read.</param>
/// <param name="NumMismatched">Workers now whose load says that they hold cached blocks and that have told of none.</param>
public readonly record struct EventStatus(string Model, long NumStored, long NumRemoved, long NumCleared, long NumGaps, long NumLists, int NumMismatched);
