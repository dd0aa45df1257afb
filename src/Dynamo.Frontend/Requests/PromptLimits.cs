using System.Globalization;
using System.Text;
using Dynamo.Frontend.Errors;
using Dynamo.Frontend.Models;
using Dynamo.Protocol.Models;
using Dynamo.Serving.Catalog;

namespace Dynamo.Frontend.Requests;

/// <summary>Turns a prompt's text into tokens, shortens it if that was asked for, and refuses prompts that leave no room for an answer.</summary>
/// <param name="model">The model.</param>
/// <param name="text">Its tokenizer.</param>
/// <param name="param">The parameter that holds the prompt: <c>messages</c> or <c>prompt</c>.</param>
/// <param name="minTokens">Least output that must fit behind it.</param>
internal sealed class PromptLimits(ServedModel model, ModelText text, string param, int minTokens)
{
    // What is cut off must be encoded too, to know where: so much more than fits, and no more.
    private const int MostTruncated = 16;

    /// <summary>What is left of a prompt that is longer, or <see langword="null"/>: it is refused.</summary>
    public Truncation? Truncation { get; init; }

    /// <summary>Encodes a text.</summary>
    /// <exception cref="ApiException">It is empty, too long, or the tokenizer's patterns take too long on it.</exception>
    public IReadOnlyList<int> Encode(string prompt, bool addSpecialTokens)
    {
        // Tokens have a longest one, so a text far too long is refused before it is encoded.
        long leastTokens = Encoding.UTF8.GetByteCount(prompt) / (long)text.LongestTokenBytes;
        if (leastTokens >= (Truncation is null ? 1 : MostTruncated) * (long)model.MaxModelLength)
        {
            throw TooLong($"at least {leastTokens}");
        }

        try
        {
            return Fit(text.Tokenizer.Encode(prompt, addSpecialTokens));
        }
        catch (ModelFolderException e)
        {
            throw ApiException.BadParameter(param, $"The text cannot be tokenized: {e.Message}", "invalid_value");
        }
    }

    /// <summary>Shortens a prompt as asked and checks the number of its tokens.</summary>
    /// <exception cref="ApiException">There are none or too many, or the least output does not fit.</exception>
    public IReadOnlyList<int> Fit(IReadOnlyList<int> ids)
    {
        CheckCount(ids.Count);
        return Truncation is { } truncation ? truncation.Apply(ids) : ids;
    }

    /// <summary>Checks how many tokens a prompt has.</summary>
    /// <exception cref="ApiException">There are none or too many, or the least output does not fit.</exception>
    public void CheckCount(int numTokens)
    {
        if (numTokens == 0)
        {
            throw ApiException.BadParameter(param, "The prompt has no tokens; it must have at least one.", "invalid_value");
        }

        int numLeft = Truncation is { } truncation ? Math.Min(numTokens, truncation.NumTokens) : numTokens;
        if (numLeft >= model.MaxModelLength)
        {
            throw TooLong(numTokens.ToString(CultureInfo.InvariantCulture));
        }

        CheckRoom(numLeft);
    }

    private void CheckRoom(int numTokens)
    {
        if (minTokens > model.MaxModelLength - numTokens)
        {
            throw ApiException.BadParameter(
                "min_tokens",
                $"'min_tokens' is {minTokens}; behind a prompt of {numTokens} tokens only {model.MaxModelLength - numTokens} fit this model.",
                "invalid_value");
        }
    }

    // Clients look for the first words, which are OpenAI's and vLLM's.
    private ApiException TooLong(string numTokens) => ApiException.BadParameter(
        param,
        $"This model's maximum context length is {model.MaxModelLength} tokens. The prompt has {numTokens} tokens, and one must be left for the answer: "
            + "shorten the prompt.",
        "context_length_exceeded");
}
