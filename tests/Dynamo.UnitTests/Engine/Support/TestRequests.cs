using Dynamo.Protocol.Requests;

namespace Dynamo.UnitTests.Engine.Support;

/// <summary>Requests with only what a test cares about.</summary>
internal static class TestRequests
{
    public static SamplingParameters Greedy { get; } = new() { Temperature = 0, MaxTokens = 16 };

    /// <summary>A different identity for each number.</summary>
    public static RequestId Id(int number) => new(new Guid(number, 0, 0, new byte[8]));

    /// <summary>Tokens 1, 2, 3, …</summary>
    public static int[] Prompt(int length, int first = 1) => [.. Enumerable.Range(first, length)];

    public static GenerationRequest Of(int id, int[] prompt, SamplingParameters? sampling = null, string salt = "") => new()
    {
        Id = Id(id),
        Attempt = 1,
        TokenIds = prompt,
        NumPromptTokens = prompt.Length,
        Sampling = sampling ?? Greedy,
        CacheSalt = salt,
    };

    /// <summary>The same request as it is sent to another engine once the client has <paramref name="output"/>.</summary>
    public static GenerationRequest Moved(GenerationRequest request, IEnumerable<int> output) => request with
    {
        Attempt = request.Attempt + 1,
        TokenIds = [.. request.TokenIds.Take(request.NumPromptTokens), .. output],
    };
}
