using System.Text.RegularExpressions;

namespace Dynamo.Benchmarks.Llama;

/// <summary>Finds libllama in a build folder, a node_modules folder or an unpacked NuGet package.</summary>
internal static partial class LlamaFinder
{
    /// <summary>How to get it.</summary>
    public const string Help =
        "llama.cpp is not measured. To get it: `npm install --ignore-scripts @node-llama-cpp/linux-x64` in a folder outside the repository, " +
        "then `--llama FOLDER/node_modules`. Any CPU build from mid-2025 on with a shared library does as well (cmake -DBUILD_SHARED_LIBS=ON): give its folder or libllama.so.";

    /// <summary>The library's path.</summary>
    /// <param name="path">The library, or a folder somewhere above it.</param>
    /// <exception cref="LlamaException">There is none.</exception>
    public static string Find(string path)
    {
        if (File.Exists(path))
        {
            return Path.GetFullPath(path);
        }

        if (!Directory.Exists(path))
        {
            throw new LlamaException($"--llama {path}: there is no such file or folder.");
        }

        EnumerationOptions everywhere = new() { RecurseSubdirectories = true, MaxRecursionDepth = 8, IgnoreInaccessible = true };
        return Directory.EnumerateFiles(path, "libllama*.so*", everywhere)
            .Where(static file => LibraryName().IsMatch(Path.GetFileName(file)) && !GpuFolder().IsMatch(file))
            .OrderBy(static file => file.Length)
            .FirstOrDefault()
            is { } found
            ? Path.GetFullPath(found)
            : throw new LlamaException($"--llama {path}: there is no libllama.so in it. {Help}");
    }

    // libllama.so, libllama.so.0 and, as node-llama-cpp names it, libllama.v0.5.0.so; not libllama-common.so.
    [GeneratedRegex(@"^libllama(\.[\w.]+)?\.so(\.\d+)*$")]
    private static partial Regex LibraryName();

    [GeneratedRegex("cuda|vulkan|hip|sycl", RegexOptions.IgnoreCase)]
    private static partial Regex GpuFolder();
}
