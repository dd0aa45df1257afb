using Dynamo.Frontend.Json;

namespace Dynamo.Frontend.Requests;

/// <summary>Where a sampling parameter stands: at the root of a request, or, as Dynamo had it first, in its <c>nvext</c>. The root wins, as in Dynamo.</summary>
/// <param name="body">The request.</param>
internal readonly struct SamplingFields(JsonFields body)
{
    private readonly JsonFields? _extensions = body.Fields("nvext");

    /// <summary>The fields to read this one from.</summary>
    public JsonFields Of(string name) => body.Any(name) is null && _extensions is { } extensions && extensions.Any(name) is not null ? extensions : body;
}
