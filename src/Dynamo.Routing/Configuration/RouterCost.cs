
namespace Dynamo.Routing.Configuration;

/// <summary>What <see cref="RouterMode.KV"/> minimises.</summary>
public enum RouterCost : byte
{
    /// <summary>Milliseconds until the request's first token there (<see cref="Scoring.TimeCost"/>).</summary>
    Time,

    /// <summary>Blocks to compute and to hold, as NVIDIA Dynamo counts them (<see cref="Scoring.DynamoCost"/>).</summary>
    Dynamo,
}
