using Dynamo.Protocol.Models;

namespace Dynamo.Cli.Verify;

/// <summary>Where a model folder keeps its reference's answers: apart, since many loaders take every <c>*.safetensors</c> of a folder for weights.</summary>
internal static class ReferenceFiles
{
    /// <summary>The folder inside a model's.</summary>
    public const string Folder = "reference";

    /// <summary>Name of a file with answers: in the folder for them, or else where they lay before, beside the weights.</summary>
    public static string Find(ModelFolder folder, string file) => folder.Has($"{Folder}/{file}") ? $"{Folder}/{file}" : file;
}
