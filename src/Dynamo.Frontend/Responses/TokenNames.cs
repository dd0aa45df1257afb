using System.Text;
using System.Text.Unicode;
using Dynamo.Text.Tokenizers;

namespace Dynamo.Frontend.Responses;

/// <summary>Tokens and log-probabilities as JSON can hold them.</summary>
internal static class TokenNames
{
    /// <summary>JSON has no infinity; this is vLLM's stand-in.</summary>
    private const float LeastLogprob = -9999f;

    /// <summary>A token's text; one that is no whole text by itself is written <c>bytes:\xe2\x82</c>, as OpenAI does, so that no two look the same.</summary>
    public static string Of(Tokenizer tokenizer, int id)
    {
        ReadOnlySpan<byte> bytes = tokenizer.TokenBytes(id);
        if (Utf8.IsValid(bytes))
        {
            return Encoding.UTF8.GetString(bytes);
        }

        StringBuilder name = new("bytes:");
        foreach (byte b in bytes)
        {
            name.Append("\\x").Append(b.ToString("x2", System.Globalization.CultureInfo.InvariantCulture));
        }

        return name.ToString();
    }

    /// <summary>A token's number in vLLM's form, <c>token_id:19</c>.</summary>
    public static string ById(int id) => string.Create(System.Globalization.CultureInfo.InvariantCulture, $"token_id:{id}");

    /// <summary>A log-probability that JSON can hold.</summary>
    public static float Finite(float logprob) => logprob >= LeastLogprob ? logprob : LeastLogprob;
}
