namespace Dynamo.EndToEndTests;

/// <summary>Where things are in this clone.</summary>
internal static class Repository
{
#if DEBUG
    private const string Configuration = "Debug";
#else
    private const string Configuration = "Release";
#endif

    public static string Root { get; } = FindRoot();

    public static string DemoModel => Path.Combine(Root, "deploy", "models", "demo");

    public static string DynamoProgram => Path.Combine(Root, "src", "Dynamo.Cli", "bin", Configuration, "net10.0", "linux-x64", "dynamo");

    private static string FindRoot()
    {
        DirectoryInfo? folder = new(AppContext.BaseDirectory);
        while (folder is not null && !File.Exists(Path.Combine(folder.FullName, "Dynamo.Orleans.sln")))
        {
            folder = folder.Parent;
        }

        return folder?.FullName ?? throw new InvalidOperationException("Dynamo.Orleans.sln is in no folder above the tests.");
    }
}
