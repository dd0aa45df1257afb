using Dynamo.Protocol.Models;
using Dynamo.Serving.Catalog;
using Dynamo.Text.Templates;
using Dynamo.Text.Tokenizers;

namespace Dynamo.Frontend.Models;

/// <summary>Everything about a model that turns requests into tokens and tokens into text. Immutable and thread-safe.</summary>
internal sealed class ModelText
{
    private ModelText(Tokenizer tokenizer, ChatPrompt? chat, GenerationDefaults defaults)
    {
        (Tokenizer, Chat, Defaults) = (tokenizer, chat, defaults);
        for (int id = 0; id < tokenizer.VocabularySize; id++)
        {
            LongestTokenBytes = Math.Max(LongestTokenBytes, tokenizer.TokenBytes(id).Length);
        }
    }

    /// <summary>The tokenizer.</summary>
    public Tokenizer Tokenizer { get; }

    /// <summary>The chat template, or <see langword="null"/> when the model has none.</summary>
    public ChatPrompt? Chat { get; }

    /// <summary>What holds where a request says nothing.</summary>
    public GenerationDefaults Defaults { get; }

    /// <summary>Bytes of the longest token: a longer text cannot be fewer tokens than its bytes divided by this.</summary>
    public int LongestTokenBytes { get; } = 1;

    /// <summary>Reads a model's files; takes up to a second for the largest vocabularies.</summary>
    /// <exception cref="ModelFolderException">A file is missing, damaged or asks for something that is not supported.</exception>
    public static ModelText Load(ServedModel model, TimeProvider time)
    {
        Tokenizer tokenizer = Tokenizer.Load(model.Files);
        ChatTemplate? template = ChatTemplate.Load(model.Files);
        GenerationDefaults defaults = GenerationDefaultsReader.Read(model.Files, tokenizer, model.VocabularySize);
        return new ModelText(tokenizer, template is null ? null : ChatPrompt.Create(template, time), defaults);
    }
}
