namespace Dynamo.Frontend.Requests;

/// <summary>Where a stream tells how many tokens the request took.</summary>
internal enum StreamUsage
{
    /// <summary>Nowhere.</summary>
    None,

    /// <summary>In a chunk of its own behind all others (OpenAI's <c>include_usage</c>).</summary>
    AtEnd,

    /// <summary>There, and in each chunk for its choice up to there (vLLM's <c>continuous_usage_stats</c>).</summary>
    InEveryChunk,
}
