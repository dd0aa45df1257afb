using System.Text.Json;
using Dynamo.Frontend.Generation;
using Dynamo.Frontend.Json;
using Dynamo.Frontend.Requests;
using Dynamo.Protocol.Frames;

namespace Dynamo.Frontend.Responses;

/// <summary>How one API shapes its answers. One for each request: id and time of creation are the same in all chunks of a stream.</summary>
internal abstract class AnswerFormat
{
    private readonly JsonEncodedText _id;
    private readonly JsonEncodedText _model;
    private readonly JsonEncodedText _fingerprint;
    private readonly long _created;

    /// <summary>Fixes what is the same in everything that is sent.</summary>
    /// <param name="plan">The request.</param>
    /// <param name="id">Id of the response.</param>
    /// <param name="created">When the request came.</param>
    protected AnswerFormat(GenerationPlan plan, string id, DateTimeOffset created)
    {
        Plan = plan;
        Id = id;
        _id = JsonEncodedText.Encode(Id);
        _model = JsonEncodedText.Encode(plan.Model.Name, JsonOutput.Encoder);
        _fingerprint = JsonEncodedText.Encode(Fingerprint.Of(plan.Model));
        _created = created.ToUnixTimeSeconds();
    }

    /// <summary>Id of the response.</summary>
    public string Id { get; }

    /// <summary>Whether each choice of a stream begins with a chunk that says nothing yet, even when there is but one.</summary>
    public abstract bool HasOpening { get; }

    /// <summary>The request.</summary>
    protected GenerationPlan Plan { get; }

    /// <summary><c>object</c> of a whole answer.</summary>
    protected abstract JsonEncodedText WholeObject { get; }

    /// <summary><c>object</c> of a chunk.</summary>
    protected abstract JsonEncodedText ChunkObject { get; }

    /// <summary>Writes the whole answer.</summary>
    public void WriteWhole(Utf8JsonWriter json, Choice[] choices)
    {
        WriteHead(json, WholeObject);
        for (int i = 0; i < choices.Length; i++)
        {
            WriteChoice(json, choices[i]);
        }

        json.WriteEndArray();
        json.WriteString(Names.SystemFingerprint, _fingerprint);
        Usage.Of(Plan, choices).Write(json);
        WritePromptTokens(json);
        ExtensionsWriter.Write(json, Plan.Extensions.Fields, choices[0]);
        json.WriteEndObject();
    }

    /// <summary>Writes the chunk by which a client learns of a choice, before there is anything of it. The caller holds the choice's lock.</summary>
    /// <param name="stream">Where to.</param>
    /// <param name="choice">The choice.</param>
    public abstract void WriteOpening(EventStream stream, Choice choice);

    /// <summary>Writes a chunk without anything in it, of a choice that has begun. The caller holds the choice's lock.</summary>
    /// <param name="stream">Where to.</param>
    /// <param name="choice">The choice.</param>
    public abstract void WriteSilence(EventStream stream, Choice choice);

    /// <summary>Writes what a choice has that was not yet sent, and forgets it. The caller holds the choice's lock.</summary>
    /// <param name="stream">Where to.</param>
    /// <param name="choice">The choice.</param>
    public abstract void WriteNews(EventStream stream, Choice choice);

    /// <summary>Writes the chunk with usage that ends a stream.</summary>
    public void WriteUsage(EventStream stream, Choice[] choices)
    {
        Utf8JsonWriter json = stream.BeginEvent();
        WriteHead(json, ChunkObject);
        json.WriteEndArray();
        Usage.Of(Plan, choices).Write(json);
        json.WriteString(Names.SystemFingerprint, _fingerprint);
        json.WriteEndObject();
        stream.Progress.HasUsage = true;
        stream.EndEvent();
    }

    /// <summary>Writes one choice of a whole answer.</summary>
    protected abstract void WriteChoice(Utf8JsonWriter json, Choice choice);

    /// <summary>Writes the prompt's tokens beside the choices, where the API has them there and they were asked for.</summary>
    protected virtual void WritePromptTokens(Utf8JsonWriter json)
    {
    }

    /// <summary>What log-probabilities call a token.</summary>
    protected string TokenName(int id) => Plan.NameTokensById ? TokenNames.ById(id) : TokenNames.Of(Plan.Text.Tokenizer, id);

    /// <summary>Writes tokens of a choice, when they were asked for.</summary>
    protected void WriteTokenIds(Utf8JsonWriter json, IReadOnlyList<int> ids)
    {
        if (Plan.ReturnTokenIds)
        {
            WriteIds(json, Names.TokenIds, ids);
        }
    }

    /// <summary>Writes tokens as a list of numbers.</summary>
    protected static void WriteIds(Utf8JsonWriter json, JsonEncodedText name, IReadOnlyList<int> ids)
    {
        json.WriteStartArray(name);
        for (int i = 0; i < ids.Count; i++)
        {
            json.WriteNumberValue(ids[i]);
        }

        json.WriteEndArray();
    }

    /// <summary>Begins a chunk; what follows goes into its one choice.</summary>
    protected Utf8JsonWriter BeginChunk(EventStream stream, Choice choice)
    {
        Utf8JsonWriter json = stream.BeginEvent();
        WriteHead(json, ChunkObject);
        json.WriteStartObject();
        json.WriteNumber(Names.Index, choice.Index);
        return json;
    }

    /// <summary>Ends the choice and its chunk.</summary>
    /// <param name="stream">Where to.</param>
    /// <param name="json">The chunk's writer.</param>
    /// <param name="choice">The choice.</param>
    /// <param name="numTokens">Tokens of it that have been sent with this chunk.</param>
    /// <param name="isEnd">Whether this is its end.</param>
    protected void EndChunk(EventStream stream, Utf8JsonWriter json, Choice choice, int numTokens, bool isEnd)
    {
        bool isFirst = !stream.Progress.HasBegun(choice.Index);
        stream.Progress.Advance(choice.Index, numTokens, isEnd);
        json.WriteEndObject();
        json.WriteEndArray();
        switch (Plan.Usage)
        {
            case StreamUsage.AtEnd:
                json.WriteNull(Names.Usage);
                break;
            case StreamUsage.InEveryChunk:
                Usage.Of(Plan, choice, numTokens).Write(json);
                break;
        }

        if (isFirst)
        {
            WritePromptTokens(json);
        }

        // As vLLM: in the chunks that end something, not in every one.
        if (isEnd)
        {
            json.WriteString(Names.SystemFingerprint, _fingerprint);
            ExtensionsWriter.Write(json, Plan.Extensions.Fields, choice);
        }

        json.WriteEndObject();
        stream.EndEvent();
    }

    /// <summary>Writes why a choice ended, or that it has not.</summary>
    protected static void WriteFinishReason(Utf8JsonWriter json, FinishReason reason)
    {
        switch (reason)
        {
            case FinishReason.Stop:
                json.WriteString(Names.FinishReason, Names.Stop);
                break;
            case FinishReason.Length:
                json.WriteString(Names.FinishReason, Names.Length);
                break;
            default:
                json.WriteNull(Names.FinishReason);
                break;
        }
    }

    /// <summary>Writes vLLM's <c>stop_reason</c>: which stop string or token it was; null for the model's own end.</summary>
    protected static void WriteStopReason(Utf8JsonWriter json, Choice choice)
    {
        if (choice.StopToken is { } token)
        {
            json.WriteNumber(Names.StopReason, token);
        }
        else
        {
            json.WriteString(Names.StopReason, choice.StopString);
        }
    }

    private void WriteHead(Utf8JsonWriter json, JsonEncodedText kind)
    {
        json.WriteStartObject();
        json.WriteString(Names.Id, _id);
        json.WriteString(Names.Object, kind);
        json.WriteNumber(Names.Created, _created);
        json.WriteString(Names.Model, _model);
        json.WriteStartArray(Names.Choices);
    }
}
