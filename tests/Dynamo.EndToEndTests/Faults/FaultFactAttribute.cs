using Xunit;

namespace Dynamo.EndToEndTests.Faults;

/// <summary>A test that starts a cluster of its own; skipped, with the reason, on a machine without the servers that it needs.</summary>
[AttributeUsage(AttributeTargets.Method)]
public class FaultFactAttribute : FactAttribute
{
    /// <summary>Looks whether they are installed.</summary>
    public FaultFactAttribute() => Skip = StoreServers.WhyNot;
}

/// <summary>The same with arguments.</summary>
[AttributeUsage(AttributeTargets.Method)]
public sealed class FaultTheoryAttribute : TheoryAttribute
{
    /// <summary>Looks whether they are installed.</summary>
    public FaultTheoryAttribute() => Skip = StoreServers.WhyNot;
}

/// <summary>A fault that also needs machines of its own.</summary>
[AttributeUsage(AttributeTargets.Method)]
public sealed class NetworkFaultFactAttribute : FaultFactAttribute
{
    /// <summary>Looks whether there can be.</summary>
    public NetworkFaultFactAttribute() => Skip ??= NetworkNamespaces.WhyNot;
}
