using Dynamo.Protocol.Models;
using Dynamo.Serving.Catalog;
using Dynamo.Text.Tokenizers;

namespace Dynamo.UnitTests.Frontend.Support;

/// <summary>The bundled model as a catalog entry.</summary>
internal static class DemoModel
{
    public const string Name = "demo";

    public const int EndOfTurn = 1022;

    public const int VocabularySize = 1024;

    public static string Folder { get; } = Path.Combine(RepositoryRoot(), "deploy", "models", "demo");

    public static Tokenizer Tokenizer { get; } = Tokenizer.Load(new ModelFolder(Folder));

    /// <summary>What its answers have as <c>system_fingerprint</c>.</summary>
    public static string Fingerprint { get; } = Dynamo.Frontend.Responses.Fingerprint.Of(Served());

    /// <summary>Text files of the model as a worker sends them.</summary>
    public static Dictionary<string, byte[]> Files() => new[] { "tokenizer.json", "tokenizer_config.json", "generation_config.json", "config.json" }
        .ToDictionary(static file => file, static file => File.ReadAllBytes(Path.Combine(Folder, file)));

    public static ServedModel Served(string name = Name, Dictionary<string, byte[]>? files = null, int maxModelLength = 512, bool isReady = true) =>
        new(name, maxModelLength, VocabularySize, DateTimeOffset.FromUnixTimeSeconds(1_700_000_000), new ModelFolder(name, files ?? Files()))
        {
            IsReady = isReady,
            Limits = new InstanceLimits(NumBlocks: 100, BlockSize: 16, MaxNumSequences: 8, MaxBatchedTokens: 256),
        };

    public static int[] Encode(string text) => [.. Tokenizer.Encode(text, addSpecialTokens: false)];

    /// <summary>The folder of the checkout.</summary>
    public static string RepositoryRoot()
    {
        DirectoryInfo? folder = new(AppContext.BaseDirectory);
        while (folder is not null && !File.Exists(Path.Combine(folder.FullName, "Dynamo.Orleans.sln")))
        {
            folder = folder.Parent;
        }

        return folder?.FullName ?? throw new InvalidOperationException("Dynamo.Orleans.sln is in no folder above the tests.");
    }
}
