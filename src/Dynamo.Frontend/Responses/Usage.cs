using System.Text.Json;
using Dynamo.Frontend.Generation;
using Dynamo.Frontend.Requests;

namespace Dynamo.Frontend.Responses;

/// <summary>Tokens of a request. Each prompt counts once, however many choices it has.</summary>
internal readonly record struct Usage(int NumPromptTokens, int NumCompletionTokens, int NumCachedTokens)
{
    /// <summary>Counts the tokens of ended choices.</summary>
    public static Usage Of(GenerationPlan plan, Choice[] choices)
    {
        int numCompletionTokens = 0;
        int numCachedTokens = 0;
        for (int i = 0; i < choices.Length; i++)
        {
            numCompletionTokens += choices[i].NumTokens;
            numCachedTokens += i % plan.NumChoices == 0 ? choices[i].NumCachedTokens : 0;
        }

        return new Usage(plan.NumPromptTokens, numCompletionTokens, numCachedTokens);
    }

    /// <summary>Counts the tokens of one choice up to a chunk of it.</summary>
    public static Usage Of(GenerationPlan plan, Choice choice, int numTokens) =>
        new(plan.PromptOf(choice.Index).TokenIds.Count, numTokens, choice.NumCachedTokens);

    /// <summary>Writes the property <c>usage</c>.</summary>
    public void Write(Utf8JsonWriter json)
    {
        json.WriteStartObject(Names.Usage);
        json.WriteNumber(Names.PromptTokens, NumPromptTokens);
        json.WriteNumber(Names.CompletionTokens, NumCompletionTokens);
        json.WriteNumber(Names.TotalTokens, NumPromptTokens + NumCompletionTokens);
        json.WriteStartObject(Names.PromptTokensDetails);
        json.WriteNumber(Names.CachedTokens, NumCachedTokens);
        json.WriteEndObject();
        json.WriteEndObject();
    }
}
