using System.Text.Json;
using Dynamo.Frontend.Bodies;
using Dynamo.Frontend.Errors;
using Dynamo.Protocol.Models;
using Dynamo.Protocol.Requests;
using Dynamo.Text.Tokenizers;

namespace Dynamo.Frontend.Requests;

/// <summary>Reads <c>bad_words</c>, vLLM's name for texts that an answer must not have, as the tokens that make them.</summary>
internal static class BadWordsReader
{
    private const string Name = "bad_words";
    private const int MaxLength = 256;

    /// <summary>Reads them: each as it is and, where that begins with another token, after a space, as vLLM does.</summary>
    /// <exception cref="ApiException">One is no text, empty or too long, or there are too many.</exception>
    public static int[][] Read(JsonFields body, Tokenizer tokenizer)
    {
        if (body.Array(Name) is not { } words)
        {
            return [];
        }

        if (words.GetArrayLength() > SamplingParametersValidator.MaxBadWords / 2)
        {
            throw ApiException.BadParameter(
                Name, $"'{Name}' may have at most {SamplingParametersValidator.MaxBadWords / 2} texts, has {words.GetArrayLength()}.", "invalid_value");
        }

        List<int[]> found = [];
        int i = 0;
        foreach (JsonElement item in words.EnumerateArray())
        {
            string path = $"{Name}[{i++}]";
            string word = JsonValues.Text(item, path).TrimStart();
            if (word.Length is 0 or > MaxLength)
            {
                throw ApiException.BadParameter(path, $"'{path}' must have 1 to {MaxLength} characters besides spaces before them, has {word.Length}.", "invalid_value");
            }

            int[] first = Encode(word, path, tokenizer);
            int[] inside = Encode(" " + word, path, tokenizer);
            found.Add(first);
            if (inside.Length == first.Length && inside[0] != first[0])
            {
                found.Add(inside);
            }
        }

        return [.. found];
    }

    private static int[] Encode(string word, string path, Tokenizer tokenizer)
    {
        try
        {
            int[] ids = [.. tokenizer.Encode(word, addSpecialTokens: false)];
            return ids.Length > 0 ? ids : throw ApiException.BadParameter(path, $"'{path}' has no tokens.", "invalid_value");
        }
        catch (ModelFolderException e)
        {
            throw ApiException.BadParameter(path, $"'{path}' cannot be tokenized: {e.Message}", "invalid_value");
        }
    }
}
