using Dynamo.Diagnostics;
using Dynamo.Protocol.Models;
using Dynamo.Text.Tokenizers;
using Dynamo.Torch.Configuration;
using Dynamo.Torch.Weights;

namespace Dynamo.Cli.Doctor;

/// <summary>Whether a model folder can be served here.</summary>
internal static class ModelFolderCheck
{
    private const string Name = "folder";
    private const string ConfigFile = "config.json";
    private const string TokenizerFile = "tokenizer.json";
    private const string Weights = "weights";

    /// <summary>Looks into a folder; reads no weights.</summary>
    /// <param name="path">The folder.</param>
    /// <param name="availableBytes">Memory of this host.</param>
    public static IEnumerable<Finding> Findings(string path, long availableBytes)
    {
        if (!Directory.Exists(path))
        {
            return [Finding.Fail(Name, path, "there is no such folder", "give --model a local folder; models are not downloaded")];
        }

        ModelFolder folder = new(path);
        return [Part(ConfigFile, () => Config(folder)), Part(TokenizerFile, () => Tokens(folder)), Part(Weights, () => Tensors(folder, availableBytes))];

        Finding Part(string part, Func<Finding> look)
        {
            try
            {
                return look();
            }
            catch (ModelFolderException e)
            {
                return Finding.Fail(Name, part, e.Message, "complete the folder from where it came, or take another model");
            }
        }
    }

    private static Finding Config(ModelFolder folder)
    {
        ModelConfig config = ModelConfig.Load(folder);
        string facts = $"{config.Architecture}, {config.NumLayers} layers, {config.NumParameters / 1e6:0.0} M parameters, sequences of up to {config.MaxPositions} tokens";
        return config.Warnings.Count == 0
            ? Finding.Ok(Name, ConfigFile, facts)
            : Finding.Warn(Name, ConfigFile, $"{facts}; {string.Join("; ", config.Warnings)}", "check that this is what you want");
    }

    private static Finding Tokens(ModelFolder folder) => Finding.Ok(Name, TokenizerFile, $"{Tokenizer.Load(folder).VocabularySize} tokens");

    private static Finding Tensors(ModelFolder folder, long availableBytes)
    {
        using WeightFiles weights = WeightFiles.Open(folder);
        string size = $"{weights.Names.Count} tensors, {HostCheck.Size(weights.TotalBytes)}";
        return weights.TotalBytes < availableBytes
            ? Finding.Ok(Name, Weights, size)
            : Finding.Fail(Name, Weights, $"{size}, more than the {HostCheck.Size(availableBytes)} of memory that are available", "take a smaller model, or a host with more memory");
    }
}
