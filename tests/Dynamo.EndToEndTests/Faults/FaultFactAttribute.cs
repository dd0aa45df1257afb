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

/// <summary>A fault of which the suite has a smaller test, so that it is done in long rounds only.</summary>
[AttributeUsage(AttributeTargets.Method)]
public sealed class LongFaultFactAttribute : FaultFactAttribute
{
    /// <summary>Looks whether those are on.</summary>
    public LongFaultFactAttribute() => Skip ??= LongRounds.WhyNot;
}

/// <summary>The same that also needs machines of its own.</summary>
[AttributeUsage(AttributeTargets.Method)]
public sealed class LongNetworkFaultFactAttribute : FaultFactAttribute
{
    /// <summary>Looks whether those are on, and whether there can be.</summary>
    public LongNetworkFaultFactAttribute() => Skip ??= LongRounds.WhyNot ?? NetworkNamespaces.WhyNot;
}
