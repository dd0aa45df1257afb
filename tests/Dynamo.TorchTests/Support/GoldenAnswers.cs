using Dynamo.Protocol.Models;
using Dynamo.Torch.Weights;

namespace Dynamo.TorchTests.Support;

/// <summary>The reference's answers beside a checkpoint, and where checkpoints with answers are.</summary>
internal sealed record GoldenAnswers(int[][] Prompts, float[][] Logits, int[][] Greedy)
{
    /// <summary>The bundled model.</summary>
    public static string Demo => Path.Combine(RepositoryRoot().FullName, "deploy", "models", "demo");

    /// <summary>
    /// Folders that can be checked: the bundled model always, and the shared goldens (every family, not part of the repository) when a
    /// folder <c>shared/goldens</c> lies beside the repository or above.
    /// </summary>
    public static IEnumerable<string> Folders()
    {
        yield return Demo;
        for (DirectoryInfo? above = RepositoryRoot().Parent; above is not null; above = above.Parent)
        {
            string shared = Path.Combine(above.FullName, "shared", "goldens");
            if (Directory.Exists(shared))
            {
                foreach (string folder in Directory.GetDirectories(shared).Order(StringComparer.Ordinal).Where(static f => File.Exists(Path.Combine(f, "golden.safetensors"))))
                {
                    yield return folder;
                }

                yield break;
            }
        }
    }

    public static GoldenAnswers Load(string folder)
    {
        using SafetensorsFile file = SafetensorsFile.Open(new ModelFolder(folder), "golden.safetensors");
        int count = Enumerable.Range(0, int.MaxValue).First(i => !file.Has($"prompt.{i}"));
        return new GoldenAnswers(
            [.. Enumerable.Range(0, count).Select(i => Tokens(file, $"prompt.{i}"))],
            [.. Enumerable.Range(0, count).Select(i => file.Get($"logits.{i}").ToArray<float>())],
            [.. Enumerable.Range(0, count).Select(i => Tokens(file, $"greedy.{i}"))]);
    }

    private static int[] Tokens(SafetensorsFile file, string name) => Array.ConvertAll(file.Get(name).ToArray<long>(), static id => (int)id);

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
