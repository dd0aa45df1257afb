using System.Net;
using System.Net.Http.Json;
using System.Net.ServerSentEvents;
using System.Net.Sockets;

namespace Dynamo.EndToEndTests.Faults;

/// <summary>
/// A client of streams. One that may resume goes to the next frontend when its own is gone: with its request, when no answer had begun or the
/// frontend serves nothing yet (OpenAI's clients try as often); else by the id of the response and of the last event. Thread-safe.
/// </summary>
internal sealed class StreamClient : IDisposable
{
    private const int MaxRetries = 2;

    private static readonly TimeSpan ResumeLimit = TimeSpan.FromSeconds(20);

    private readonly HttpClient _http = new(new SocketsHttpHandler { ConnectTimeout = TimeSpan.FromSeconds(2) }) { Timeout = Timeout.InfiniteTimeSpan };
    private readonly IReadOnlyList<Uri> _frontends;
    private readonly bool _mayResume;

    /// <summary>Creates a client.</summary>
    /// <param name="frontends">Where it may go.</param>
    /// <param name="mayResume">Whether it goes elsewhere; else a frontend that is gone is a failed stream.</param>
    public StreamClient(IReadOnlyList<Uri> frontends, bool mayResume) => (_frontends, _mayResume) = (frontends, mayResume);

    /// <summary>Sends a request and reads its stream to the end; whatever happens stands in the record.</summary>
    /// <param name="record">Takes what comes.</param>
    /// <param name="frontend">Index of the frontend to ask.</param>
    /// <param name="onEvent">Called after each event.</param>
    /// <param name="cancellationToken">The client leaves.</param>
    public async Task RunAsync(StreamRecord record, int frontend, Action onEvent, CancellationToken cancellationToken)
    {
        try
        {
            for (int i = 0; ; i++)
            {
                int asked = (frontend + i) % _frontends.Count;
                using HttpRequestMessage request = new(HttpMethod.Post, new Uri(_frontends[asked], "v1/chat/completions"))
                {
                    Content = JsonContent.Create(Subject.Request(record.Number, record.NumTokens)),
                    Headers = { { "x-dynamo-event-ids", _mayResume ? "true" : "false" } },
                };
                try
                {
                    if (!await ReadAsync(request, record, onEvent, cancellationToken))
                    {
                        await ResumeAsync(record, asked, onEvent, cancellationToken);
                    }

                    return;
                }
                catch (HttpRequestException e) when (_mayResume && i < MaxRetries && IsOfConnection(e))
                {
                    record.NumRetries++;
                }
            }
        }
        catch (HttpRequestException e)
        {
            record.End($"{e.Message} {e.InnerException?.Message}");
        }
        catch (OperationCanceledException)
        {
            record.End(cancellationToken.IsCancellationRequested ? "the client left" : $"no frontend resumed the stream in {ResumeLimit}");
        }
    }

    /// <inheritdoc/>
    public void Dispose() => _http.Dispose();

    // Before an answer begins, as OpenAI's clients. A connection that a server has not accepted yet when it stops listening is reset, whatever the server does.
    private static bool IsOfConnection(HttpRequestException e) =>
        e.HttpRequestError is HttpRequestError.ConnectionError or HttpRequestError.ResponseEnded
        || e.InnerException is IOException { InnerException: SocketException { SocketErrorCode: SocketError.ConnectionReset } };

    private async Task ResumeAsync(StreamRecord record, int frontend, Action onEvent, CancellationToken cancellationToken)
    {
        using CancellationTokenSource limit = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        limit.CancelAfter(ResumeLimit);
        while (true)
        {
            frontend = (frontend + 1) % _frontends.Count;
            using HttpRequestMessage request = new(HttpMethod.Get, new Uri(_frontends[frontend], $"v1/streams/{record.ResponseId}"));
            if (record.LastEventId is { } last)
            {
                request.Headers.Add("Last-Event-ID", last);
            }

            try
            {
                record.NumResumes++;
                if (await ReadAsync(request, record, onEvent, limit.Token))
                {
                    return;
                }
            }
            catch (HttpRequestException) when (!limit.IsCancellationRequested)
            {
                // That frontend is gone too, or not back yet: the next one.
                await Task.Delay(20, cancellationToken);
            }
        }
    }

    // Returns false when the connection broke and the stream can be resumed.
    private async Task<bool> ReadAsync(HttpRequestMessage request, StreamRecord record, Action onEvent, CancellationToken cancellationToken)
    {
        using HttpResponseMessage response = await _http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, cancellationToken);
        if (response.StatusCode == HttpStatusCode.ServiceUnavailable && _mayResume)
        {
            throw new HttpRequestException(HttpRequestError.ConnectionError, await response.Content.ReadAsStringAsync(cancellationToken));
        }

        if (response.StatusCode != HttpStatusCode.OK)
        {
            record.End($"{(int)response.StatusCode}: {await response.Content.ReadAsStringAsync(cancellationToken)}", response.StatusCode);
            return true;
        }

        record.ResponseId ??= response.Headers.TryGetValues("x-request-id", out IEnumerable<string>? values) ? values.First() : null;
        try
        {
            await using Stream body = await response.Content.ReadAsStreamAsync(cancellationToken);
            SseParser<string> parser = SseParser.Create(body);
            await foreach (SseItem<string> item in parser.EnumerateAsync(cancellationToken))
            {
                if (item.Data == "[DONE]")
                {
                    record.End();
                    return true;
                }

                record.Add(item.Data, item.EventId);
                onEvent();
            }

            throw new HttpIOException(HttpRequestError.ResponseEnded, "the stream ended without [DONE]");
        }
        catch (IOException e)
        {
            if (_mayResume && record.ResponseId is not null)
            {
                return false;
            }

            record.End($"the connection broke: {e.Message}");
            return true;
        }
    }
}
