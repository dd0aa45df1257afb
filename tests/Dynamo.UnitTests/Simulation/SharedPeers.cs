using System.Text.Json;
using Dynamo.Routing.Configuration;
using Dynamo.Simulation.Configuration;

namespace Dynamo.UnitTests.Simulation;

/// <summary>What NVIDIA Dynamo's simulator gave, in a folder <c>shared</c> beside the repository or above, and what to run against it.</summary>
internal static class SharedPeers
{
    public static string? Folder { get; } = Find();

    public static string ConversationTrace => Path.Combine(Folder!, "data", "traces", "mooncake", "conversation_trace.jsonl.gz");

    public static IReadOnlyList<JsonElement> Rows(string name)
    {
        using FileStream file = File.OpenRead(Path.Combine(Folder!, "peers", "dynamo-simulator", name));
        using JsonDocument document = JsonDocument.Parse(file);
        return [.. document.RootElement.Clone().EnumerateArray()];
    }

    public static SimulationConfig Config(int numWorkers, string mode, int numBlocks = 16384) => new()
    {
        NumWorkers = numWorkers,
        EngineModel = EngineModel.Dynamo,
        Machine = new MachineConfig { NumBlocks = numBlocks },
        Router = new RouterOptions { BlockSize = 64, Mode = mode },
    };

    private static string? Find()
    {
        for (DirectoryInfo? above = new(AppContext.BaseDirectory); above is not null; above = above.Parent)
        {
            string shared = Path.Combine(above.FullName, "shared");
            if (Directory.Exists(Path.Combine(shared, "peers", "dynamo-simulator")) && Directory.Exists(Path.Combine(shared, "data", "traces")))
            {
                return shared;
            }
        }

        return null;
    }
}
