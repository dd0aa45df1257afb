using System.Globalization;
using System.Text.Json;
using Dynamo.Frontend.Bodies;
using Dynamo.Frontend.Errors;
using Dynamo.Frontend.Json;
using Dynamo.Frontend.Models;
using Dynamo.Protocol.Requests;

namespace Dynamo.Frontend.Requests;

/// <summary>Reads the sampling parameters of a request under OpenAI's and vLLM's names, over the model's defaults.</summary>
internal static class SamplingReader
{
    /// <summary>Reads and checks them; a seed that is not given is left 0.</summary>
    /// <param name="body">The request.</param>
    /// <param name="text">The model's defaults and tokenizer.</param>
    /// <param name="maxTokens">Most tokens of output.</param>
    /// <param name="numLogprobs">Log-probabilities asked for.</param>
    /// <param name="vocabularySize">Token ids are below this.</param>
    /// <exception cref="ApiException">A value is of the wrong type or out of range, or together they leave no token to choose.</exception>
    public static SamplingParameters Read(JsonFields body, ModelText text, int maxTokens, int? numLogprobs, int vocabularySize)
    {
        SamplingParameters defaults = text.Defaults.Sampling;
        SamplingFields fields = new(body);
        SamplingParameters sampling = defaults with
        {
            Temperature = fields.Of("greed_sampling").Flag("greed_sampling") ?? false ? 0 : body.Number("temperature") ?? defaults.Temperature,
            TopP = body.Number("top_p") ?? defaults.TopP,
            TopK = TopK(fields.Of("top_k")) ?? defaults.TopK,
            MinP = fields.Of("min_p").Number("min_p") ?? defaults.MinP,
            RepetitionPenalty = fields.Of("repetition_penalty").Number("repetition_penalty") ?? defaults.RepetitionPenalty,
            FrequencyPenalty = body.Number("frequency_penalty") ?? defaults.FrequencyPenalty,
            PresencePenalty = body.Number("presence_penalty") ?? defaults.PresencePenalty,
            LogitBias = Biases(body),
            AllowedTokenIds = TokenIds(body, "allowed_token_ids", vocabularySize) is { } allowed ? [.. new SortedSet<int>(allowed)] : null,
            BadWords = BadWordsReader.Read(body, text.Tokenizer),
            StopTokenIds = TokenIds(body, "stop_token_ids", SamplingParametersValidator.MaxStopTokens) ?? defaults.StopTokenIds,
            IgnoreEos = fields.Of("ignore_eos").Flag("ignore_eos") ?? false,
            MinTokens = fields.Of("min_tokens").Integer("min_tokens", 0) ?? 0,
            MaxTokens = maxTokens,
            NumLogprobs = numLogprobs,
            Seed = unchecked((ulong)(body.Long("seed") ?? 0)),
        };

        ParameterFault? fault = SamplingParametersValidator.FirstFault(sampling, vocabularySize);
        return fault is { } found
            ? throw ApiException.BadParameter(fields.Of(found.Parameter).PathOf(found.Parameter), found.Message, "invalid_value")
            : sampling;
    }

    // vLLM writes "off" as -1 too.
    private static int? TopK(JsonFields fields) => fields.Integer("top_k", -1) is { } value ? Math.Max(0, value) : null;

    private static int[]? TokenIds(JsonFields body, string name, int most)
    {
        if (body.Array(name) is not { } array)
        {
            return null;
        }

        int[] ids = new int[array.GetArrayLength()];
        if (ids.Length > most)
        {
            throw ApiException.BadParameter(name, $"'{name}' may name at most {most} tokens, names {ids.Length}.", "invalid_value");
        }

        int i = 0;
        foreach (JsonElement item in array.EnumerateArray())
        {
            ids[i] = (int)JsonValues.Integer(item, $"{body.PathOf(name)}[{i}]", 0, int.MaxValue);
            i++;
        }

        return ids;
    }

    private static LogitBias[] Biases(JsonFields body)
    {
        if (body.Object("logit_bias") is not { } map)
        {
            return [];
        }

        int count = map.GetPropertyCount();
        if (count > SamplingParametersValidator.MaxLogitBias)
        {
            throw ApiException.BadParameter("logit_bias", $"'logit_bias' may name at most {SamplingParametersValidator.MaxLogitBias} tokens, names {count}.", "invalid_value");
        }

        List<LogitBias> biases = new(count);
        foreach (JsonProperty entry in map.EnumerateObject())
        {
            if (!int.TryParse(entry.Name, NumberStyles.None, CultureInfo.InvariantCulture, out int id))
            {
                throw ApiException.BadParameter("logit_bias", $"'logit_bias' maps token ids to numbers; '{Shortened.To(40, entry.Name)}' is no token id.", "invalid_value");
            }

            biases.Add(new LogitBias(id, JsonValues.Number(entry.Value, $"logit_bias.{id}")));
        }

        biases.Sort(static (a, b) => a.TokenId.CompareTo(b.TokenId));
        for (int i = 1; i < biases.Count; i++)
        {
            if (biases[i].TokenId == biases[i - 1].TokenId)
            {
                throw ApiException.BadParameter("logit_bias", $"'logit_bias' names token {biases[i].TokenId} twice.", "invalid_value");
            }
        }

        return [.. biases];
    }
}

/// <summary>Where a sampling parameter stands: at the root of a request, or, as Dynamo had it first, in its <c>nvext</c>. The root wins, as in Dynamo.</summary>
/// <param name="body">The request.</param>
internal readonly struct SamplingFields(JsonFields body)
{
    private readonly JsonFields? _extensions = body.Fields("nvext");

    /// <summary>The fields to read this one from.</summary>
    public JsonFields Of(string name) => body.Any(name) is null && _extensions is { } extensions && extensions.Any(name) is not null ? extensions : body;
}
