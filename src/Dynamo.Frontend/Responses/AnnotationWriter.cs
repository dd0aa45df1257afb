using System.Text.Json;
using Dynamo.Frontend.Generation;
using Dynamo.Frontend.Requests;

namespace Dynamo.Frontend.Responses;

/// <summary>
/// Writes what a streamed request asked to be told before its answer begins (<c>nvext.annotations</c>): one named event for each, which clients
/// of OpenAI's API pass over.
/// </summary>
internal static class AnnotationWriter
{
    /// <summary>Writes them; nothing when nothing was asked for.</summary>
    public static void Write(EventStream stream, Answer answer)
    {
        Annotations wanted = answer.Plan.Extensions.Annotations;
        if (wanted.HasFlag(Annotations.FormattedPrompt))
        {
            Write(stream, "formatted_prompt", answer, static (json, plan, prompt, _) => json.WriteStringValue(plan.Text.Tokenizer.Decode([.. prompt.TokenIds], skipSpecialTokens: false)));
        }

        if (wanted.HasFlag(Annotations.TokenIds))
        {
            Write(stream, "token_ids", answer, static (json, _, prompt, _) =>
            {
                json.WriteStartArray();
                foreach (int token in prompt.TokenIds)
                {
                    json.WriteNumberValue(token);
                }

                json.WriteEndArray();
            });
        }

        if (wanted.HasFlag(Annotations.WorkerId))
        {
            Write(stream, "worker_id", answer, static (json, _, _, choice) => json.WriteStringValue(choice.Route?.Worker.ToString()));
        }
    }

    // One value, or a list of them when the request has several prompts.
    private static void Write(EventStream stream, string name, Answer answer, Action<Utf8JsonWriter, GenerationPlan, Prompt, Choice> write)
    {
        GenerationPlan plan = answer.Plan;
        Utf8JsonWriter json = stream.BeginAnnotation(name);
        if (plan.Prompts.Count > 1)
        {
            json.WriteStartArray();
        }

        for (int i = 0; i < plan.Prompts.Count; i++)
        {
            write(json, plan, plan.Prompts[i], answer.Choices[i * plan.NumChoices]);
        }

        if (plan.Prompts.Count > 1)
        {
            json.WriteEndArray();
        }

        stream.EndAnnotation();
    }
}
