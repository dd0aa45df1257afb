using Dynamo.Protocol.Models;
using Dynamo.Torch.Weights;

namespace Dynamo.TorchTests.Support;

/// <summary>The reference's answers beside a checkpoint, and where such checkpoints are.</summary>
internal sealed record GoldenAnswers(int[][] Prompts, float[][] Logits, int[][] Greedy)
{
    /// <summary>Folders that every clone has: the bundled model and the checkpoints in <c>tests/goldens/numeric</c>.</summary>
    public static IReadOnlyList<string> InRepository() =>
        [Path.Combine(RepositoryRoot().FullName, "deploy", "models", "demo"), .. Below(Path.Combine(RepositoryRoot().FullName, "tests", "goldens", "numeric"))];

    /// <summary>One folder for each family and feature, in <c>shared/goldens</c> beside the repository; none where that is not there.</summary>
    public static IReadOnlyList<string> Shared() => Below(Path.Combine(RepositoryRoot().Parent!.FullName, "shared", "goldens"));

    public static GoldenAnswers Load(string folder)
    {
        using SafetensorsFile file = SafetensorsFile.Open(new ModelFolder(folder), FileIn(folder));
        int count = Enumerable.Range(0, int.MaxValue).First(i => !file.Has($"prompt.{i}"));
        return new GoldenAnswers(
            [.. Enumerable.Range(0, count).Select(i => Tokens(file, $"prompt.{i}"))],
            [.. Enumerable.Range(0, count).Select(i => file.Get($"logits.{i}").ToArray<float>())],
            [.. Enumerable.Range(0, count).Select(i => Tokens(file, $"greedy.{i}"))]);
    }

    // Apart from the weights, or beside them.
    private static string FileIn(string folder) => File.Exists(Path.Combine(folder, "reference", "golden.safetensors")) ? "reference/golden.safetensors" : "golden.safetensors";

    private static int[] Tokens(SafetensorsFile file, string name) => Array.ConvertAll(file.Get(name).ToArray<long>(), static id => (int)id);

    private static string[] Below(string folder) => Directory.Exists(folder)
        ? [.. Directory.GetDirectories(folder).Order(StringComparer.Ordinal).Where(static f => File.Exists(Path.Combine(f, FileIn(f))))]
        : [];

    private static DirectoryInfo RepositoryRoot()
    {
        DirectoryInfo? folder = new(AppContext.BaseDirectory);
        while (folder is not null && !File.Exists(Path.Combine(folder.FullName, "Dynamo.Orleans.sln")))
        {
            folder = folder.Parent;
        }

        return folder ?? throw new InvalidOperationException("Dynamo.Orleans.sln is in no folder above the tests");
    }
}
