namespace Dynamo.Benchmarks.Models;

/// <summary>Files of the random model, written once into a folder and found there by later runs.</summary>
/// <param name="root">Folder for both formats, 1 GB together; created when needed.</param>
internal sealed class ModelCache(string root)
{
    // Goes up when anything about the model or its files changes.
    private const string Version = "random-llama-246m-v1";

    /// <summary>Folder in hub layout.</summary>
    public string HubFolder() => Once(Version, static path =>
    {
        Directory.CreateDirectory(path);
        HubModelWriter.Write(path);
    });

    /// <summary>GGUF file.</summary>
    public string GgufFile() => Once($"{Version}.gguf", GgufWriter.Write);

    // Written under another name first, so that what is found is whole.
    private string Once(string name, Action<string> write)
    {
        string path = Path.Combine(root, name);
        if (Path.Exists(path))
        {
            return path;
        }

        Console.Error.WriteLine($"writing {path} ...");
        Directory.CreateDirectory(root);
        string unfinished = $"{path}.{Environment.ProcessId}";
        write(unfinished);
        Directory.Move(unfinished, path);
        return path;
    }
}
