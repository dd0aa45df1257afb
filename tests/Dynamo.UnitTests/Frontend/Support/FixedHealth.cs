using Dynamo.Cluster.Membership;

namespace Dynamo.UnitTests.Frontend.Support;

/// <summary>A part of the control plane with the faults that a test gives it.</summary>
internal sealed class FixedHealth : IClusterHealth
{
    public IReadOnlyList<string> Faults { get; set; } = [];
}
