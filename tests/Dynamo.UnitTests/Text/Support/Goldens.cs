namespace Dynamo.UnitTests.Text.Support;

/// <summary>Where the reference's answers are.</summary>
internal static class Goldens
{
    /// <summary>The folder of the clone that holds committed goldens.</summary>
    public static string Folder { get; } = Path.Combine(FindRoot().FullName, "tests", "goldens");

    /// <summary>
    /// Tokenizer folders: the committed one, and all <c>text-*</c> of a folder <c>shared/goldens</c> beside the repository or above, when there
    /// is one.
    /// </summary>
    public static IEnumerable<string> TextFolders()
    {
        yield return Path.Combine(Folder, "text-qwen2");
        for (DirectoryInfo? above = FindRoot().Parent; above is not null; above = above.Parent)
        {
            string shared = Path.Combine(above.FullName, "shared", "goldens");
            if (Directory.Exists(shared))
            {
                foreach (string folder in Directory.GetDirectories(shared, "text-*").Order(StringComparer.Ordinal))
                {
                    yield return folder;
                }

                yield break;
            }
        }
    }

    private static DirectoryInfo FindRoot()
    {
        DirectoryInfo? folder = new(AppContext.BaseDirectory);
        while (folder is not null && !File.Exists(Path.Combine(folder.FullName, "Dynamo.Orleans.sln")))
        {
            folder = folder.Parent;
        }

        return folder ?? throw new InvalidOperationException("Dynamo.Orleans.sln is in no folder above the tests.");
    }
}
