using Dynamo.Abstractions.Instances;
using Dynamo.Protocol.Requests;

namespace Dynamo.Serving.Streams;

/// <summary>A sequence that a worker still has.</summary>
public sealed class FoundSequence
{
    internal FoundSequence(InstanceKey instance, GenerationRequest request, string? numericsClass = null) =>
        (Instance, Request, NumericsClass) = (instance, request, numericsClass);

    /// <summary>Name of its model.</summary>
    public string Model => Instance.Model;

    /// <summary>Where it comes from.</summary>
    public RequestOrigin Origin => Request.Origin!;

    /// <summary>The sequence's parameters.</summary>
    public SamplingParameters Sampling => Request.Sampling;

    /// <summary>The sequence's prompt.</summary>
    public IReadOnlyList<int> PromptTokenIds => [.. Request.TokenIds.Take(Request.NumPromptTokens)];

    /// <summary>The sequence's output so far.</summary>
    public IReadOnlyList<int> OutputTokenIds => [.. Request.TokenIds.Skip(Request.NumPromptTokens)];

    internal InstanceKey Instance { get; }

    internal GenerationRequest Request { get; }

    /// <summary>What its worker's rounding depends on; <see langword="null"/> where that is not known.</summary>
    internal string? NumericsClass { get; }
}
