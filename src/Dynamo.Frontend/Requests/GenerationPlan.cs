using Dynamo.Frontend.Models;
using Dynamo.Protocol.Requests;
using Dynamo.Serving.Catalog;

namespace Dynamo.Frontend.Requests;

/// <summary>A request that was understood and checked: what to generate and how to answer. Nothing of the request's body is left in it.</summary>
internal sealed record GenerationPlan
{
    /// <summary>The model.</summary>
    public required ServedModel Model { get; init; }

    /// <summary>Its tokenizer.</summary>
    public required ModelText Text { get; init; }

    /// <summary>Prompts; one but for completions of a list.</summary>
    public required IReadOnlyList<Prompt> Prompts { get; init; }

    /// <summary>Choices of each prompt.</summary>
    public required int NumChoices { get; init; }

    /// <summary>How to choose tokens. <see cref="SamplingParameters.MaxTokens"/> is the request's limit; <see cref="ChoiceSampling"/> fits it to a prompt.</summary>
    public required SamplingParameters Sampling { get; init; }

    /// <summary>When and how to end and what to show.</summary>
    public required TextRules Rules { get; init; }

    /// <summary>Prefix-cache tenant.</summary>
    public string CacheSalt { get; init; } = "";

    /// <summary>What concerns its way to a worker.</summary>
    public Extensions Extensions { get; init; } = Extensions.Nothing;

    /// <summary>The session that it belongs to, if the client names one.</summary>
    public string? Session { get; init; }

    /// <summary>Whether the answer is a stream of events.</summary>
    public bool IsStream { get; init; }

    /// <summary>Where the stream tells usage; a whole answer always does.</summary>
    public StreamUsage Usage { get; init; }

    /// <summary>Whether the answer holds the tokens of prompts and choices besides their text.</summary>
    public bool ReturnTokenIds { get; init; }

    /// <summary>Whether log-probabilities call a token by its number, which tells apart those whose text is the same or no text.</summary>
    public bool NameTokensById { get; init; }

    /// <summary>Tokens of all prompts.</summary>
    public int NumPromptTokens
    {
        get
        {
            int sum = 0;
            for (int i = 0; i < Prompts.Count; i++)
            {
                sum += Prompts[i].TokenIds.Count;
            }

            return sum;
        }
    }

    /// <summary>The prompt of a choice.</summary>
    /// <param name="choice">Index among all choices.</param>
    public Prompt PromptOf(int choice) => Prompts[choice / NumChoices];

    /// <summary>
    /// Parameters of one choice. The first has the request's seed and the following ones the numbers after it, as in vLLM, so that the
    /// choices differ, and each is the same again whatever else is in the request.
    /// </summary>
    public SamplingParameters ChoiceSampling(Prompt prompt, int choice) => Sampling with
    {
        Seed = unchecked(Sampling.Seed + (ulong)choice),
        MaxTokens = Math.Min(Sampling.MaxTokens, Model.MaxModelLength - prompt.TokenIds.Count),
    };
}

/// <summary>One prompt.</summary>
/// <param name="TokenIds">Its tokens, at least one.</param>
/// <param name="Echo">Text that each answer begins with, or <see langword="null"/>.</param>
internal sealed record Prompt(IReadOnlyList<int> TokenIds, string? Echo = null);

/// <summary>How tokens become the text of an answer.</summary>
internal sealed record TextRules
{
    /// <summary>Texts that end an answer, none empty.</summary>
    public IReadOnlyList<string> StopStrings { get; init; } = [];

    /// <summary>Whether the answer ends with the stop string or stop token.</summary>
    public bool IncludeStop { get; init; }

    /// <summary>Leave special tokens out of the text.</summary>
    public bool SkipSpecialTokens { get; init; } = true;
}
