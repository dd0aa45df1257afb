using Dynamo.Frontend.Bodies;
using Dynamo.Frontend.Configuration;
using Dynamo.Frontend.Errors;
using Dynamo.Frontend.Models;
using Dynamo.Protocol.Requests;
using Dynamo.Serving.Catalog;

namespace Dynamo.Frontend.Requests;

/// <summary>Reads the body of <c>/v1/completions</c>.</summary>
internal static class CompletionRequestReader
{
    /// <summary>OpenAI's default.</summary>
    private const int DefaultMaxTokens = 16;

    /// <summary>Checks a request and encodes its prompts.</summary>
    /// <exception cref="ApiException">Anything is wrong with it.</exception>
    public static GenerationPlan Read(JsonFields body, ServedModel model, ModelText text, FrontendOptions options)
    {
        FieldRules.Check(body);
        (bool isStream, StreamUsage usage) = AnswerFields.Stream(body);
        int numChoices = AnswerFields.NumChoices(body, options.MaxSequencesPerRequest);
        TextRules rules = AnswerFields.Rules(body);
        string salt = AnswerFields.CacheSalt(body);
        Extensions extensions = ExtensionsReader.Read(body);
        int maxTokens = Math.Min(AnswerFields.MaxTokens(body, "max_tokens") ?? DefaultMaxTokens, model.MaxModelLength);
        int? numLogprobs = body.Integer("logprobs", 0, options.MaxLogprobs);
        bool echo = body.Flag("echo") ?? false;
        if (echo && numLogprobs is not null)
        {
            throw ApiException.Unsupported("echo", "'echo' together with 'logprobs' is not supported: log-probabilities of the prompt are not computed.");
        }

        SamplingParameters sampling = SamplingReader.Read(body, text, maxTokens, numLogprobs, model.VocabularySize);
        PromptLimits limits = new(model, text, PromptReader.Name, sampling.MinTokens) { Truncation = Truncation.Read(body, model.MaxModelLength, maxTokens) };
        PromptReader prompts = new(model, text.Tokenizer, limits, options.MaxSequencesPerRequest / numChoices)
        {
            AddSpecialTokens = body.Flag("add_special_tokens") ?? true,
            Echo = echo,
            SkipSpecialTokens = rules.SkipSpecialTokens,
        };
        return new GenerationPlan
        {
            Model = model,
            Text = text,
            Prompts = prompts.Read(body),
            NumChoices = numChoices,
            Sampling = sampling,
            Rules = rules,
            CacheSalt = salt,
            Extensions = extensions,
            IsStream = isStream,
            Usage = usage,
            ReturnTokenIds = body.Flag("return_token_ids") ?? false,
            NameTokensById = body.Flag("return_tokens_as_token_ids") ?? false,
        };
    }
}
