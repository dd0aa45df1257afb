using Xunit;

namespace Dynamo.UnitTests.Simulation;

/// <summary>A fact over <c>shared/peers</c> and <c>shared/data</c>, which are no part of the repository: skipped, and said so, where they are not there.</summary>
[AttributeUsage(AttributeTargets.Method)]
public sealed class SharedPeersFactAttribute : FactAttribute
{
    public SharedPeersFactAttribute()
    {
        if (SharedPeers.Folder is null)
        {
            Skip = "There are no figures of Dynamo's simulator in shared/peers beside the repository.";
        }
    }
}
