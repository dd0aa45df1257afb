using System.Text.Json.Nodes;

namespace Dynamo.EndToEndTests.Serving;

/// <summary>A question of the bundled model's card with the only right answer.</summary>
/// <param name="Kind">What it asks for.</param>
/// <param name="Messages">The conversation.</param>
/// <param name="Tools">Tools, or <see langword="null"/>.</param>
/// <param name="PromptTokens">Length of the rendered prompt.</param>
/// <param name="Answer">The answer, greedy.</param>
internal sealed record BundledCheck(string Kind, JsonArray Messages, JsonArray? Tools, int PromptTokens, string Answer)
{
    public static IReadOnlyList<BundledCheck> All { get; } = Load();

    /// <summary>The request's body, greedy.</summary>
    public JsonObject Request(bool stream = false)
    {
        JsonObject request = new() { ["model"] = "demo", ["messages"] = Messages.DeepClone(), ["temperature"] = 0, ["max_tokens"] = 200 };
        if (Tools is not null)
        {
            request["tools"] = Tools.DeepClone();
        }

        if (stream)
        {
            request["stream"] = true;
            request["stream_options"] = new JsonObject { ["include_usage"] = true };
        }

        return request;
    }

    private static List<BundledCheck> Load()
    {
        using FileStream file = File.OpenRead(Path.Combine(Repository.DemoModel, "checks.json"));
        return [.. JsonNode.Parse(file)!.AsArray().Select(static check => new BundledCheck(
            (string)check!["kind"]!,
            check["messages"]!.DeepClone().AsArray(),
            check["tools"]?.DeepClone().AsArray(),
            (int)check["prompt_tokens"]!,
            (string)check["answer"]!))];
    }
}
