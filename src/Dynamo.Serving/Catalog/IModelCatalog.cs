namespace Dynamo.Serving.Catalog;

/// <summary>The models of the cluster as this frontend last saw them. Reading never waits; thread-safe.</summary>
public interface IModelCatalog
{
    /// <summary>All models, by name; a new list whenever something changes.</summary>
    IReadOnlyList<ServedModel> Models { get; }
}
