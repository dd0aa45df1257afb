using System.ComponentModel;
using System.Diagnostics;

namespace Dynamo.EndToEndTests.Vocabularies;

/// <summary>
/// Genuine vocabularies and the reference library, installed by npm at the versions and hashes of package-lock.json: once, into the folder
/// that DYNAMO_TEST_CACHE names, else ~/.cache/dynamo-orleans-tests.
/// </summary>
internal static class NpmPackages
{
    private static readonly TimeSpan InstallTime = TimeSpan.FromMinutes(5);
    private static readonly Lazy<string?> Installed = new(Install);

    /// <summary>Why the packages are not there; <see langword="null"/> when they are.</summary>
    public static string? Problem => Installed.Value;

    /// <summary>The folder node_modules.</summary>
    public static string Modules => Path.Combine(Folder, "node_modules");

    /// <summary>Files of this folder of the clone.</summary>
    public static string Source => Path.Combine(Repository.Root, "tests", "Dynamo.EndToEndTests", "Vocabularies");

    private static string Folder { get; } = Path.Combine(
        Environment.GetEnvironmentVariable("DYNAMO_TEST_CACHE") is { Length: > 0 } given
            ? given
            : Path.Combine(Environment.GetFolderPath(Environment.SpecialFolder.UserProfile), ".cache", "dynamo-orleans-tests"),
        "vocabularies");

    /// <summary>Runs a program to its end.</summary>
    /// <returns>What went wrong, or <see langword="null"/>.</returns>
    public static string? Run(string program, params string[] arguments)
    {
        try
        {
            using Process process = Process.Start(new ProcessStartInfo(program, arguments) { RedirectStandardOutput = true, RedirectStandardError = true })!;
            Task<string> output = process.StandardOutput.ReadToEndAsync();
            Task<string> error = process.StandardError.ReadToEndAsync();
            if (!process.WaitForExit(InstallTime))
            {
                process.Kill(entireProcessTree: true);
                return $"{program} took more than {InstallTime}";
            }

            return process.ExitCode == 0 ? null : $"{program} ended with {process.ExitCode}: {output.Result}{error.Result}".Trim();
        }
        catch (Win32Exception e)
        {
            return $"{program} cannot be started: {e.Message}";
        }
    }

    private static string? Install()
    {
        const string list = "package.json";
        const string hashes = "package-lock.json";
        string mark = Path.Combine(Folder, "complete");
        string wanted = File.ReadAllText(Path.Combine(Source, hashes));
        if (File.Exists(mark) && File.ReadAllText(mark) == wanted)
        {
            return Run("node", "--version");
        }

        Directory.CreateDirectory(Folder);
        File.Copy(Path.Combine(Source, list), Path.Combine(Folder, list), overwrite: true);
        File.WriteAllText(Path.Combine(Folder, hashes), wanted);
        string? problem = Run("npm", "ci", "--prefix", Folder, "--ignore-scripts", "--no-audit", "--no-fund", "--fetch-retries=1", "--fetch-timeout=30000");
        if (problem is null)
        {
            File.WriteAllText(mark, wanted);
        }

        return problem;
    }
}
