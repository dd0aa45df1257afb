using System.Text.Json.Nodes;
using Xunit;
using Xunit.Abstractions;

namespace Dynamo.EndToEndTests.Serving;

/// <summary>
/// What a client sees of exactness: the bundled model's sampled answers, log-probabilities and all, are the same alone as in a crowd. Runs as this
/// processor, and by tests/processors.sh as others.
/// </summary>
[Trait("Category", "Exactness")]
public sealed class SeededCrowdTests(ITestOutputHelper output)
{
    /// <summary>Environment variable with a file that gets a line of what came out.</summary>
    private const string Report = "DYNAMO_EXACTNESS_REPORT";

    private const int NumAtOnce = 24;

    private static readonly int NumAnswers = LongRounds.AreOn ? 80 : NumAtOnce;
    private static readonly string[] People = ["Ada", "Ben", "Mia", "Leo", "Ida", "Max", "Eva", "Tom"];

    [Theory]
    [InlineData("bfloat16")]
    [InlineData("float32")]
    public async Task SampledAnswers_HaveTheSameLogProbabilitiesAloneAndInACrowd(string dtype)
    {
        await using DynamoProcess server = await DynamoProcess.ServeAsync("--dtype", dtype);
        ChatApi chat = new(server.Http);
        string[] alone = new string[NumAnswers];
        string[] together = new string[NumAnswers];
        int numTokens = 0;
        for (int i = 0; i < NumAnswers; i++)
        {
            JsonNode answer = await chat.AskAsync(Request(i));
            numTokens += (int)answer["usage"]!["completion_tokens"]!;
            alone[i] = answer["choices"]!.ToJsonString();
        }

        await Parallel.ForAsync(0, NumAnswers, new ParallelOptions { MaxDegreeOfParallelism = NumAtOnce }, async (i, cancellationToken) =>
            together[i] = (await chat.AskAsync(Request(i), cancellationToken))["choices"]!.ToJsonString());

        int[] different = [.. Enumerable.Range(0, NumAnswers).Where(i => alone[i] != together[i])];
        JsonNode worker = JsonNode.Parse(await server.Http.GetStringAsync("admin/workers"))!["workers"]![0]!;
        string result = $"{worker["numerics_class"]}: {different.Length} of {NumAnswers} answers ({numTokens} tokens) differ alone and {NumAtOnce} at once";
        output.WriteLine(result);
        if (Environment.GetEnvironmentVariable(Report) is { Length: > 0 } file)
        {
            await File.AppendAllTextAsync(file, result + "\n");
        }

        Assert.True(alone.Distinct().Count() > NumAnswers / 2, "different seeds tell different stories");
        Assert.True(different.Length == 0, $"{result}; the first: {(different.Length == 0 ? "" : alone[different[0]] + " and " + together[different[0]])}");
        Assert.True((bool)worker["exact"]!, result);
    }

    private static JsonObject Request(int seed) => new()
    {
        ["model"] = "demo",
        ["messages"] = new JsonArray(new JsonObject { ["role"] = "user", ["content"] = $"Tell me a story about {People[seed % People.Length]} and a boat." }),
        ["temperature"] = 0.9,
        ["top_p"] = 0.95,
        ["seed"] = seed,
        ["frequency_penalty"] = seed % 2 == 0 ? 0.3 : 0,
        ["max_tokens"] = 200,
        ["logprobs"] = true,
        ["top_logprobs"] = 3,
    };
}
