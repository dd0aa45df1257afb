using System.Buffers;
using System.IO.Pipelines;
using System.Text;
using System.Text.Json;
using Dynamo.Frontend.Errors;
using Dynamo.Frontend.Json;
using Microsoft.AspNetCore.Http;

namespace Dynamo.Frontend.Responses;

/// <summary>
/// Server-sent events, serialised straight into the connection's buffer by one reused writer. What is written goes out with the next flush.
/// One thread at a time.
/// </summary>
/// <remarks>
/// Many clients know less of the format than its specification has: they take each line, or whatever stands between two blank ones, behind
/// <c>data: </c> as JSON. So a stream has nothing but such lines with one blank line behind each, unless its request asked for more.
/// </remarks>
internal sealed class EventStream : IDisposable
{
    private readonly HttpResponse _response;
    private readonly PipeWriter _output;
    private readonly Utf8JsonWriter _json;
    private readonly bool _withIds;

    /// <summary>Prepares a stream; nothing is sent yet.</summary>
    /// <param name="response">Where to.</param>
    /// <param name="progress">What was sent before this stream began; kept up to date by who writes.</param>
    /// <param name="withIds">Whether each event says how far it goes.</param>
    public EventStream(HttpResponse response, StreamProgress progress, bool withIds)
    {
        _response = response;
        _withIds = withIds;
        Progress = progress;
        _output = response.BodyWriter;
        _json = JsonOutput.CreateWriter(_output);
        response.StatusCode = StatusCodes.Status200OK;
        response.ContentType = "text/event-stream; charset=utf-8";
        response.Headers.CacheControl = "no-cache";

        // nginx would collect events otherwise.
        response.Headers["X-Accel-Buffering"] = "no";
    }

    /// <summary>What has been sent, with the event that is being written: the id of the event.</summary>
    public StreamProgress Progress { get; }

    /// <summary>Whether anything waits to be sent.</summary>
    public bool HasUnsent { get; private set; }

    /// <summary>Sends the headers, so that the client knows that its request was admitted.</summary>
    public async Task OpenAsync(CancellationToken cancellationToken)
    {
        await _response.StartAsync(cancellationToken);
        await _output.FlushAsync(cancellationToken);
    }

    /// <summary>Begins an event; the returned writer takes one JSON value.</summary>
    public Utf8JsonWriter BeginEvent()
    {
        HasUnsent = true;
        _output.Write("data: "u8);
        _json.Reset(_output);
        return _json;
    }

    /// <summary>Ends an event.</summary>
    public void EndEvent()
    {
        _json.Flush();
        if (_withIds)
        {
            _output.Write("\nid: "u8);
            Progress.Write(_output);
        }

        _output.Write("\n\n"u8);
    }

    /// <summary>Begins an event with a name of its own and no id, which is no part of the answer; the returned writer takes one JSON value.</summary>
    public Utf8JsonWriter BeginAnnotation(string name)
    {
        _output.Write("event: "u8);
        _output.Write(Encoding.ASCII.GetBytes(name));
        _output.Write("\n"u8);
        return BeginEvent();
    }

    /// <summary>Ends it.</summary>
    public void EndAnnotation()
    {
        _json.Flush();
        _output.Write("\n\n"u8);
    }

    /// <summary>Writes an error as an event.</summary>
    public void WriteError(ApiException error)
    {
        ErrorWriter.Write(BeginEvent(), error);
        EndEvent();
    }

    /// <summary>Writes OpenAI's end of a stream.</summary>
    public void WriteDone()
    {
        HasUnsent = true;
        _output.Write("data: [DONE]\n\n"u8);
    }

    /// <summary>Sends everything written so far; waits while the client takes it more slowly than it comes.</summary>
    public async ValueTask FlushAsync(CancellationToken cancellationToken)
    {
        HasUnsent = false;
        await _output.FlushAsync(cancellationToken);
    }

    /// <inheritdoc/>
    public void Dispose() => _json.Dispose();
}
