using System.Text.Json;
using Dynamo.Frontend.Generation;
using Dynamo.Frontend.Requests;

namespace Dynamo.Frontend.Responses;

/// <summary>Answers of <c>/v1/completions</c>.</summary>
internal sealed class CompletionFormat(GenerationPlan plan, string id, DateTimeOffset created) : AnswerFormat(plan, id, created)
{
    /// <summary>What ids of these answers begin with.</summary>
    public const string IdPrefix = "cmpl-";

    private static readonly JsonEncodedText Kind = JsonEncodedText.Encode("text_completion");

    /// <inheritdoc/>
    protected override JsonEncodedText WholeObject => Kind;

    /// <inheritdoc/>
    protected override JsonEncodedText ChunkObject => Kind;

    /// <inheritdoc/>
    public override bool HasOpening => false;

    /// <inheritdoc/>
    public override void WriteOpening(EventStream stream, Choice choice) => WriteEmpty(stream, choice, choice.Echo);

    /// <inheritdoc/>
    public override void WriteSilence(EventStream stream, Choice choice) => WriteEmpty(stream, choice, "");

    /// <inheritdoc/>
    public override void WriteNews(EventStream stream, Choice choice)
    {
        bool isFirst = !stream.Progress.HasBegun(choice.Index);
        if (!choice.HasUnsent && !choice.IsComplete && !(isFirst && choice.Echo.Length > 0))
        {
            return;
        }

        Utf8JsonWriter json = BeginChunk(stream, choice);
        WriteBody(json, choice, isFirst);
        EndChunk(stream, json, choice, choice.NumTokens, choice.IsComplete);
        choice.ClearUnsent();
    }

    /// <inheritdoc/>
    protected override void WriteChoice(Utf8JsonWriter json, Choice choice)
    {
        json.WriteStartObject();
        json.WriteNumber(Names.Index, choice.Index);
        WriteBody(json, choice, isFirst: true);
        json.WriteEndObject();
    }

    // None of its tokens.
    private void WriteEmpty(EventStream stream, Choice choice, string text)
    {
        bool isFirst = !stream.Progress.HasBegun(choice.Index);
        Utf8JsonWriter json = BeginChunk(stream, choice);
        json.WriteString(Names.Text, text);
        json.WriteNull(Names.Logprobs);
        json.WriteNull(Names.FinishReason);
        WriteTokens(json, choice, [], isFirst);
        EndChunk(stream, json, choice, stream.Progress.NumTokens(choice.Index), isEnd: false);
    }

    private void WriteBody(Utf8JsonWriter json, Choice choice, bool isFirst)
    {
        json.WriteString(Names.Text, isFirst && choice.Echo.Length > 0 ? string.Concat(choice.Echo, choice.Text.WrittenSpan) : choice.Text.WrittenSpan);
        if (Plan.Sampling.NumLogprobs is null)
        {
            json.WriteNull(Names.Logprobs);
        }
        else
        {
            WriteLogprobs(json, choice.Tokens);
        }

        WriteFinishReason(json, choice.FinishReason);
        if (choice.IsComplete)
        {
            WriteStopReason(json, choice);
        }

        WriteTokens(json, choice, choice.TokenIds, isFirst);
    }

    // Of the prompt once for each choice.
    private void WriteTokens(Utf8JsonWriter json, Choice choice, IReadOnlyList<int> ids, bool isFirst)
    {
        if (!Plan.ReturnTokenIds)
        {
            return;
        }

        if (isFirst)
        {
            WriteIds(json, Names.PromptTokenIds, Plan.PromptOf(choice.Index).TokenIds);
        }
        else
        {
            json.WriteNull(Names.PromptTokenIds);
        }

        WriteTokenIds(json, ids);
    }

    private void WriteLogprobs(Utf8JsonWriter json, List<GeneratedToken> tokens)
    {
        json.WriteStartObject(Names.Logprobs);
        json.WriteStartArray(Names.Tokens);
        for (int i = 0; i < tokens.Count; i++)
        {
            json.WriteStringValue(TokenName(tokens[i].Id));
        }

        json.WriteEndArray();
        json.WriteStartArray(Names.TokenLogprobs);
        for (int i = 0; i < tokens.Count; i++)
        {
            json.WriteNumberValue(TokenNames.Finite(tokens[i].Logprobs.Chosen));
        }

        json.WriteEndArray();
        json.WriteStartArray(Names.TopLogprobs);
        for (int i = 0; i < tokens.Count; i++)
        {
            WriteTop(json, tokens[i]);
        }

        json.WriteEndArray();
        json.WriteStartArray(Names.TextOffset);
        for (int i = 0; i < tokens.Count; i++)
        {
            json.WriteNumberValue(tokens[i].TextOffset);
        }

        json.WriteEndArray();
        json.WriteEndObject();
    }

    // The best tokens and the chosen one, each name once: two tokens of the same text are one key, and the better one has it.
    private void WriteTop(Utf8JsonWriter json, GeneratedToken token)
    {
        HashSet<string> written = [];
        json.WriteStartObject();
        for (int i = 0; i < token.Logprobs.Top.Count; i++)
        {
            string name = TokenName(token.Logprobs.Top[i].TokenId);
            if (written.Add(name))
            {
                json.WriteNumber(name, TokenNames.Finite(token.Logprobs.Top[i].Logprob));
            }
        }

        string chosen = TokenName(token.Id);
        if (written.Add(chosen))
        {
            json.WriteNumber(chosen, TokenNames.Finite(token.Logprobs.Chosen));
        }

        json.WriteEndObject();
    }
}
