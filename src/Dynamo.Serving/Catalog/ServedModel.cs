using Dynamo.Abstractions.Instances;
using Dynamo.Protocol.Models;

namespace Dynamo.Serving.Catalog;

/// <summary>A model that this frontend can offer: its card, and the text files that its workers sent. Immutable; swapped whole.</summary>
/// <param name="Name">Name that clients use (<c>--served-model-name</c>).</param>
/// <param name="MaxModelLength">Longest sequence in tokens, prompt and output.</param>
/// <param name="VocabularySize">Width of the logits; token ids are below it.</param>
/// <param name="Created">When the model was first offered.</param>
/// <param name="Files">tokenizer.json, tokenizer_config.json, special_tokens_map.json, generation_config.json, config.json and the chat templates: those that exist.</param>
public sealed record ServedModel(string Name, int MaxModelLength, int VocabularySize, DateTimeOffset Created, ModelFolder Files)
{
    /// <summary>Whether at least one instance is ready.</summary>
    public required bool IsReady { get; init; }

    /// <summary>Further names that clients may use.</summary>
    public NameList Aliases { get; init; } = NameList.None;

    /// <summary>What the rounding of its ready workers depends on, each class once and in order.</summary>
    public NameList NumericsClasses { get; init; } = NameList.None;

    /// <summary>Blocks, sequences and step tokens of one instance, for metrics.</summary>
    public required InstanceLimits Limits { get; init; }
}

/// <summary>Limits of one instance of a model.</summary>
/// <param name="NumBlocks">KV blocks.</param>
/// <param name="BlockSize">Tokens of a block.</param>
/// <param name="MaxNumSequences">Sequences of a step.</param>
/// <param name="MaxBatchedTokens">Tokens of a step.</param>
public sealed record InstanceLimits(int NumBlocks, int BlockSize, int MaxNumSequences, int MaxBatchedTokens);
