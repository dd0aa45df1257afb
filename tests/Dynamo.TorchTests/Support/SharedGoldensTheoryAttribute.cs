using Xunit;

namespace Dynamo.TorchTests.Support;

/// <summary>A theory over <c>shared/goldens</c>, which is no part of the repository: skipped, and said so, where it is not there.</summary>
[AttributeUsage(AttributeTargets.Method)]
public sealed class SharedGoldensTheoryAttribute : TheoryAttribute
{
    public SharedGoldensTheoryAttribute()
    {
        if (GoldenAnswers.Shared().Count == 0)
        {
            Skip = "There are no golden checkpoints in shared/goldens beside the repository.";
        }
    }
}
