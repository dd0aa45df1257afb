using System.Globalization;
using System.Text;
using Dynamo.Cluster.Serving;
using Dynamo.Frontend.Errors;
using Dynamo.Frontend.Models;
using Dynamo.Protocol.Models;

namespace Dynamo.Frontend.Requests;

/// <summary>Turns a prompt's text into tokens and refuses prompts that leave no room for an answer.</summary>
/// <param name="model">The model.</param>
/// <param name="text">Its tokenizer.</param>
/// <param name="param">The parameter that holds the prompt: <c>messages</c> or <c>prompt</c>.</param>
/// <param name="minTokens">Least output that must fit behind it.</param>
internal sealed class PromptLimits(ServedModel model, ModelText text, string param, int minTokens)
{
    /// <summary>Encodes a text.</summary>
    /// <exception cref="ApiException">It is empty, too long, or the tokenizer's patterns take too long on it.</exception>
    public IReadOnlyList<int> Encode(string prompt, bool addSpecialTokens)
    {
        // Tokens have a longest one, so a text far too long is refused before it is encoded.
        long leastTokens = Encoding.UTF8.GetByteCount(prompt) / (long)text.LongestTokenBytes;
        if (leastTokens >= model.MaxModelLength)
        {
            throw TooLong($"at least {leastTokens}");
        }

        List<int> ids;
        try
        {
            ids = text.Tokenizer.Encode(prompt, addSpecialTokens);
        }
        catch (ModelFolderException e)
        {
            throw ApiException.BadParameter(param, $"The text cannot be tokenized: {e.Message}", "invalid_value");
        }

        return Check(ids);
    }

    /// <summary>Checks the number of tokens.</summary>
    /// <exception cref="ApiException">There are none or too many.</exception>
    public IReadOnlyList<int> Check(IReadOnlyList<int> ids)
    {
        CheckCount(ids.Count);
        return ids;
    }

    /// <summary>Checks a number of tokens.</summary>
    /// <exception cref="ApiException">There are none or too many, or the least output does not fit.</exception>
    public void CheckCount(int numTokens)
    {
        if (numTokens == 0)
        {
            throw ApiException.BadParameter(param, "The prompt has no tokens; it must have at least one.", "invalid_value");
        }

        if (numTokens >= model.MaxModelLength)
        {
            throw TooLong(numTokens.ToString(CultureInfo.InvariantCulture));
        }

        CheckRoom(numTokens);
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

    private ApiException TooLong(string numTokens) => ApiException.BadParameter(
        param,
        $"The prompt has {numTokens} tokens. This model's longest sequence is {model.MaxModelLength} tokens, and one must be left for the answer: "
            + "shorten the prompt.",
        "context_length_exceeded");
}
