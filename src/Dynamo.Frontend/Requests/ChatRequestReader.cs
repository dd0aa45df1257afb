using System.Text.Json;
using Dynamo.Frontend.Bodies;
using Dynamo.Frontend.Configuration;
using Dynamo.Frontend.Errors;
using Dynamo.Frontend.Models;
using Dynamo.Protocol.Requests;
using Dynamo.Serving.Catalog;
using Dynamo.Text.Templates;
using Dynamo.Text.Templates.Jinja;

namespace Dynamo.Frontend.Requests;

/// <summary>Reads the body of <c>/v1/chat/completions</c>.</summary>
internal static class ChatRequestReader
{
    /// <summary>Checks a request, renders its conversation and encodes it.</summary>
    /// <exception cref="ApiException">Anything is wrong with it.</exception>
    public static GenerationPlan Read(JsonFields body, ServedModel model, ModelText text, FrontendOptions options)
    {
        FieldRules.Check(body);
        CheckModalities(body);
        (bool isStream, StreamUsage usage) = AnswerFields.Stream(body);
        int numChoices = AnswerFields.NumChoices(body, options.MaxSequencesPerRequest);
        TextRules rules = AnswerFields.Rules(body);
        string salt = AnswerFields.CacheSalt(body);
        Extensions extensions = ExtensionsReader.Read(body);
        SamplingParameters sampling = SamplingReader.Read(body, text, MaxTokens(body, model, text), NumLogprobs(body, options.MaxLogprobs), model.VocabularySize);
        Truncation? truncation = Truncation.Read(body, model.MaxModelLength, sampling.MaxTokens);

        PromptLimits limits = new(model, text, "messages", sampling.MinTokens) { Truncation = truncation };
        return new GenerationPlan
        {
            Model = model,
            Text = text,
            Prompts = [new Prompt(limits.Encode(Render(body, model, text), body.Flag("add_special_tokens") ?? false))],
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

    private static string Render(JsonFields body, ServedModel model, ModelText text)
    {
        ChatPrompt chat = text.Chat
            ?? throw ApiException.BadParameter("messages", $"The model '{model.Name}' has no chat template; use /v1/completions.", "no_chat_template");
        (bool addPrompt, bool continueFinal) = Ending(body);
        JsonElement? tools = ToolFields.Read(body);
        using MessageList messages = MessageList.Read(body, chat);
        try
        {
            return chat.Render(new ChatRenderRequest
            {
                Messages = messages.Element,
                Tools = tools,
                Documents = Documents(body),
                AddGenerationPrompt = addPrompt,
                ContinueFinalMessage = continueFinal,
                ReasoningEffort = body.Text("reasoning_effort"),
                Variables = body.Object("chat_template_kwargs") ?? body.Object("chat_template_args"),
            });
        }
        catch (TemplateException e)
        {
            throw ApiException.BadParameter("messages", $"The model's chat template does not take this conversation: {e.Message}", "template_error");
        }
    }

    private static (bool AddPrompt, bool ContinueFinal) Ending(JsonFields body)
    {
        bool continueFinal = body.Flag("continue_final_message") ?? false;
        bool addPrompt = body.Flag("add_generation_prompt") ?? !continueFinal;
        return addPrompt && continueFinal
            ? throw ApiException.BadParameter("continue_final_message", "'continue_final_message' and 'add_generation_prompt' cannot both be true.", "invalid_value")
            : (addPrompt, continueFinal);
    }

    private static int MaxTokens(JsonFields body, ServedModel model, ModelText text)
    {
        int? older = AnswerFields.MaxTokens(body, "max_tokens");
        return Math.Min(AnswerFields.MaxTokens(body, "max_completion_tokens") ?? older ?? text.Defaults.MaxTokens ?? int.MaxValue, model.MaxModelLength);
    }

    private static int? NumLogprobs(JsonFields body, int most)
    {
        bool wanted = body.Flag("logprobs") ?? false;
        int? top = body.Integer("top_logprobs", 0, most);
        return wanted ? top ?? 0
            : top is null or 0 ? null
            : throw ApiException.BadParameter("top_logprobs", "'top_logprobs' is only allowed when 'logprobs' is true.", "invalid_value");
    }

    private static JsonElement? Documents(JsonFields body)
    {
        JsonElement? documents = body.Array("documents");
        if (documents is { } list)
        {
            int i = 0;
            foreach (JsonElement item in list.EnumerateArray())
            {
                JsonValues.Expect(item, JsonValueKind.Object, $"documents[{i++}]", "an object");
            }
        }

        return documents;
    }

    private static void CheckModalities(JsonFields body)
    {
        if (body.Array("modalities") is { } modalities)
        {
            int i = 0;
            foreach (JsonElement item in modalities.EnumerateArray())
            {
                string path = $"modalities[{i++}]";
                if (JsonValues.Text(item, path) != "text")
                {
                    throw ApiException.Unsupported(path, "Only the modality 'text' is supported.");
                }
            }
        }

        if (body.Flag("echo") ?? false)
        {
            throw ApiException.Unsupported("echo", "'echo' is not supported for chat.");
        }
    }
}
