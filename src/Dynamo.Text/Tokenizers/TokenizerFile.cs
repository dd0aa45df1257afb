using Dynamo.Protocol.Models;

namespace Dynamo.Text.Tokenizers;

/// <summary>The file that all of this is about, for messages.</summary>
internal static class TokenizerFile
{
    public const string Name = "tokenizer.json";

    public static ModelFolderException Fault(string? field, string problem, Exception? cause = null) => new(Name, field, problem, cause);
}
