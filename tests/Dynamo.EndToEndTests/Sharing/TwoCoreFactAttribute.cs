using Xunit;

namespace Dynamo.EndToEndTests.Sharing;

/// <summary>A test of processes that run on processors 0 and 1; skipped, with the reason, where there is one only.</summary>
[AttributeUsage(AttributeTargets.Method)]
public sealed class TwoCoreFactAttribute : FactAttribute
{
    /// <summary>Counts them.</summary>
    public TwoCoreFactAttribute() => Skip = Environment.ProcessorCount < 2 ? "needs two processors" : null;
}
