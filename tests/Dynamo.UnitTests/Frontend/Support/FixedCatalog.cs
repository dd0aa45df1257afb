using Dynamo.Serving.Catalog;

namespace Dynamo.UnitTests.Frontend.Support;

/// <summary>A catalog that changes when the test says so.</summary>
internal sealed class FixedCatalog(params ServedModel[] models) : IModelCatalog
{
    public IReadOnlyList<ServedModel> Models { get; set; } = models;
}
