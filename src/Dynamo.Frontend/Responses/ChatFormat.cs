using System.Text.Json;
using Dynamo.Frontend.Generation;
using Dynamo.Frontend.Requests;

namespace Dynamo.Frontend.Responses;

/// <summary>Answers of <c>/v1/chat/completions</c>.</summary>
internal sealed class ChatFormat(GenerationPlan plan, string id, DateTimeOffset created) : AnswerFormat(plan, id, created)
{
    /// <summary>What ids of these answers begin with.</summary>
    public const string IdPrefix = "chatcmpl-";

    private static readonly JsonEncodedText Whole = JsonEncodedText.Encode("chat.completion");
    private static readonly JsonEncodedText Chunk = JsonEncodedText.Encode("chat.completion.chunk");

    /// <inheritdoc/>
    protected override JsonEncodedText WholeObject => Whole;

    /// <inheritdoc/>
    protected override JsonEncodedText ChunkObject => Chunk;

    /// <inheritdoc/>
    public override bool HasOpening => true;

    /// <inheritdoc/>
    public override void WriteOpening(EventStream stream, Choice choice)
    {
        Utf8JsonWriter json = BeginChunk(stream, choice);
        json.WriteStartObject(Names.Delta);
        json.WriteString(Names.Role, Names.Assistant);
        json.WriteString(Names.Content, "");
        json.WriteEndObject();
        json.WriteNull(Names.Logprobs);
        json.WriteNull(Names.FinishReason);
        EndChunk(stream, json, choice, numTokens: 0, isEnd: false);
    }

    /// <inheritdoc/>
    public override void WriteSilence(EventStream stream, Choice choice)
    {
        Utf8JsonWriter json = BeginChunk(stream, choice);
        json.WriteStartObject(Names.Delta);
        json.WriteString(Names.Content, "");
        json.WriteEndObject();
        json.WriteNull(Names.Logprobs);
        json.WriteNull(Names.FinishReason);
        WriteTokenIds(json, []);
        EndChunk(stream, json, choice, stream.Progress.NumTokens(choice.Index), isEnd: false);
    }

    /// <inheritdoc/>
    public override void WriteNews(EventStream stream, Choice choice)
    {
        // Tokens without text, as the model's end is, need no chunk of their own when there is an end to go with.
        if (choice.IsComplete ? choice.Text.WrittenCount > 0 : choice.HasUnsent)
        {
            WriteContent(stream, choice);
            choice.ClearUnsent();
        }

        if (choice.IsComplete)
        {
            WriteEnd(stream, choice);
            choice.ClearUnsent();
        }
    }

    /// <inheritdoc/>
    protected override void WriteChoice(Utf8JsonWriter json, Choice choice)
    {
        json.WriteStartObject();
        json.WriteNumber(Names.Index, choice.Index);
        json.WriteStartObject(Names.Message);
        json.WriteString(Names.Role, Names.Assistant);
        json.WriteString(Names.Content, choice.Text.WrittenSpan);
        json.WriteNull(Names.Refusal);
        json.WriteEndObject();
        WriteLogprobs(json, choice);
        WriteFinishReason(json, choice.FinishReason);
        WriteStopReason(json, choice);
        WriteTokenIds(json, choice.TokenIds);
        json.WriteEndObject();
    }

    /// <inheritdoc/>
    protected override void WritePromptTokens(Utf8JsonWriter json)
    {
        if (Plan.ReturnTokenIds)
        {
            WriteIds(json, Names.PromptTokenIds, Plan.Prompts[0].TokenIds);
        }
    }

    private void WriteContent(EventStream stream, Choice choice)
    {
        Utf8JsonWriter json = BeginChunk(stream, choice);
        json.WriteStartObject(Names.Delta);
        json.WriteString(Names.Content, choice.Text.WrittenSpan);
        json.WriteEndObject();
        WriteLogprobs(json, choice);
        json.WriteNull(Names.FinishReason);
        WriteTokenIds(json, choice.TokenIds);
        EndChunk(stream, json, choice, choice.NumTokens, isEnd: false);
    }

    private void WriteEnd(EventStream stream, Choice choice)
    {
        Utf8JsonWriter json = BeginChunk(stream, choice);
        json.WriteStartObject(Names.Delta);
        json.WriteEndObject();
        if (choice.Tokens.Count > 0)
        {
            WriteLogprobs(json, choice);
        }
        else
        {
            json.WriteNull(Names.Logprobs);
        }

        WriteFinishReason(json, choice.FinishReason);
        WriteStopReason(json, choice);
        WriteTokenIds(json, choice.TokenIds);
        EndChunk(stream, json, choice, choice.NumTokens, isEnd: true);
    }

    private void WriteLogprobs(Utf8JsonWriter json, Choice choice)
    {
        if (Plan.Sampling.NumLogprobs is null)
        {
            json.WriteNull(Names.Logprobs);
            return;
        }

        json.WriteStartObject(Names.Logprobs);
        json.WriteStartArray(Names.Content);
        for (int i = 0; i < choice.Tokens.Count; i++)
        {
            GeneratedToken token = choice.Tokens[i];
            json.WriteStartObject();
            WriteToken(json, token.Id, token.Logprobs.Chosen);
            json.WriteStartArray(Names.TopLogprobs);
            for (int j = 0; j < token.Logprobs.Top.Count; j++)
            {
                json.WriteStartObject();
                WriteToken(json, token.Logprobs.Top[j].TokenId, token.Logprobs.Top[j].Logprob);
                json.WriteEndObject();
            }

            json.WriteEndArray();
            json.WriteEndObject();
        }

        json.WriteEndArray();
        json.WriteNull(Names.Refusal);
        json.WriteEndObject();
    }

    private void WriteToken(Utf8JsonWriter json, int id, float logprob)
    {
        json.WriteString(Names.Token, TokenName(id));
        json.WriteNumber(Names.Logprob, TokenNames.Finite(logprob));
        json.WriteStartArray(Names.Bytes);
        foreach (byte b in Plan.Text.Tokenizer.TokenBytes(id))
        {
            json.WriteNumberValue(b);
        }

        json.WriteEndArray();
    }
}
