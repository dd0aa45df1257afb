namespace Dynamo.Benchmarks.Serving;

/// <summary>A kind of load.</summary>
internal sealed record LoadCell
{
    /// <summary>Its name.</summary>
    public required string Name { get; init; }

    /// <summary>How much faster than the simulated GPU the mockers are.</summary>
    public required double Speedup { get; init; }

    /// <summary>Connections, each with one request at a time.</summary>
    public required int NumConnections { get; init; }

    /// <summary>Requests of a round, all connections together.</summary>
    public required int NumRequests { get; init; }

    /// <summary>Tokens of an answer.</summary>
    public required int NumTokens { get; init; }

    /// <summary>Whether answers are streamed.</summary>
    public required bool IsStream { get; init; }

    /// <summary>Characters that all prompts have in common, in front of what they have not.</summary>
    public int NumSharedCharacters { get; init; }

    /// <summary>Most that the frontend may use, as a multiple of nginx's CPU time.</summary>
    public double? Bar { get; init; }
}
