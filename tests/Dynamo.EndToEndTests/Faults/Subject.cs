using System.Text.Json.Nodes;

namespace Dynamo.EndToEndTests.Faults;

/// <summary>What the faults are done to: how a worker is started and what it is asked.</summary>
/// <param name="Name">In reports, and the value of <see cref="Variable"/> that selects it.</param>
/// <param name="WorkerArguments">Arguments of <c>dynamo</c> for one worker.</param>
/// <param name="NumTokens">Length of an answer that lasts several seconds beside 63 others.</param>
/// <param name="MaxTokens">Length of the longest answer; its beginning is what shorter ones are compared with.</param>
internal sealed record Subject(string Name, IReadOnlyList<string> WorkerArguments, int NumTokens, int MaxTokens)
{
    /// <summary>Environment variable that selects the subject.</summary>
    public const string Variable = "DYNAMO_FAULT_SUBJECT";

    private static readonly string[] People = ["Ada", "Ben", "Mia", "Leo", "Ida", "Max", "Eva", "Tom"];

    /// <summary>The bundled model on one thread a worker: several share the cores.</summary>
    public static Subject Demo { get; } = new(
        "demo",
        ["worker", "--model", Repository.DemoModel, "--served-model-name", ModelName, "--num-threads", "1", "--num-gpu-blocks-override", "4096"],
        NumTokens: LongRounds.AreOn ? 400 : 200,
        MaxTokens: LongRounds.AreOn ? 1200 : 600);

    /// <summary>Workers that only take the time of a GPU and make up tokens.</summary>
    public static Subject Mocker { get; } = new(
        "mocker",
        ["mocker", "--model-path", Repository.DemoModel, "--served-model-name", ModelName, "--num-gpu-blocks-override", "4096"],
        NumTokens: 600,
        MaxTokens: 1200);

    /// <summary>The one that the environment names; the bundled model unless it does.</summary>
    public static Subject Current { get; } = Environment.GetEnvironmentVariable(Variable) switch
    {
        null or "" or "demo" => Demo,
        "mocker" => Mocker,
        { } other => throw new InvalidOperationException($"{Variable} must be demo or mocker, is '{other}'."),
    };

    private const string ModelName = "demo";

    /// <summary>
    /// A request of the load. All are sampled and go on to their last token; they differ in prompt, seed and penalties, so that a stream that
    /// went on with another's state, or forgot what it had said, would be seen. The same number is the same request.
    /// </summary>
    /// <param name="number">Which one, from 0.</param>
    /// <param name="numTokens">Its length; the texts of shorter ones are beginnings of longer ones.</param>
    public static JsonObject Request(int number, int numTokens) => new()
    {
        ["model"] = ModelName,
        ["messages"] = new JsonArray(new JsonObject
        {
            ["role"] = "user",
            ["content"] = $"Tell me a story about {People[number % People.Length]} and a boat.",
        }),
        ["temperature"] = 0.9,
        ["top_p"] = 0.95,
        ["seed"] = number,
        ["frequency_penalty"] = number % 2 == 0 ? 0.3 : 0,
        ["repetition_penalty"] = number % 3 == 0 ? 1.1 : 1,
        ["max_tokens"] = numTokens,
        ["ignore_eos"] = true,
        ["logprobs"] = true,
        ["stream"] = true,
        ["stream_options"] = new JsonObject { ["include_usage"] = true },
    };
}
