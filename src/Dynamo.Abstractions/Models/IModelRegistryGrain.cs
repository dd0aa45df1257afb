namespace Dynamo.Abstractions.Models;

/// <summary>The names of all models of the cluster (one grain, key 0), so that frontends learn what there is to serve.</summary>
[Alias("dynamo.IModelRegistryGrain")]
public interface IModelRegistryGrain : IGrainWithIntegerKey
{
    /// <summary>Adds a name; again changes nothing.</summary>
    [Alias("Add")]
    Task AddAsync(string model);

    /// <summary>All names, sorted.</summary>
    [Alias("List")]
    Task<string[]> ListAsync();
}
