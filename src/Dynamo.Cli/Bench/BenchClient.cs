using System.Net.Http.Headers;
using System.Text.Json;
using Dynamo.Cli.Chat;
using Dynamo.Engine.Mock;

namespace Dynamo.Cli.Bench;

/// <summary>Sends requests over HTTP, reads their streams and keeps what became of each. Thread-safe.</summary>
internal sealed class BenchClient : IRequestSender, IDisposable
{
    private const int MaxErrorLength = 500;
    private const string Unconnected = "connection";

    private readonly HttpClient _http;
    private readonly RequestPreparer _preparer;
    private readonly IReadOnlyList<Uri> _endpoints;
    private readonly TimeSpan _timeout;
    private readonly IStepClock _clock;
    private readonly List<RequestRecord> _records = [];
    private int _numFailed;

    /// <summary>Creates a client; nothing is sent yet.</summary>
    /// <param name="options">Whom to ask, and how long to wait.</param>
    /// <param name="preparer">Writes the bodies.</param>
    /// <param name="clock">Tells the times of the records.</param>
    public BenchClient(BenchOptions options, RequestPreparer preparer, IStepClock clock)
    {
        string path = options.Api == BenchApi.Chat ? "v1/chat/completions" : "v1/completions";
        _endpoints = [.. options.Servers.Select(server => new Uri(server, path))];
        _preparer = preparer;
        _timeout = options.Timeout;
        _clock = clock;

        // Straight to the server: what stands between would be measured. As many connections as requests, kept.
        _http = new HttpClient(new SocketsHttpHandler { UseProxy = false, UseCookies = false, PooledConnectionIdleTimeout = Timeout.InfiniteTimeSpan })
        {
            Timeout = Timeout.InfiniteTimeSpan,
        };
        if (!string.IsNullOrEmpty(options.ApiKey))
        {
            _http.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", options.ApiKey);
        }
    }

    /// <summary>What became of the requests that have ended, in the order of their ends.</summary>
    public IReadOnlyList<RequestRecord> Records
    {
        get
        {
            lock (_records)
            {
                return [.. _records];
            }
        }
    }

    /// <summary>Requests that have ended, and of these the failed ones.</summary>
    public (int NumEnded, int NumFailed) Count()
    {
        lock (_records)
        {
            return (_records.Count, _numFailed);
        }
    }

    /// <inheritdoc/>
    public PreparedRequest Prepare(int index) => _preparer.Prepare(index);

    /// <inheritdoc/>
    public async Task<bool> SendAsync(PreparedRequest request, TimeSpan intended, CancellationToken cancellationToken)
    {
        RequestRecord record = new(request.Index, intended, _clock.Now, request.NumOutputTokens);
        using CancellationTokenSource limit = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        limit.CancelAfter(_timeout);
        try
        {
            await SendAsync(request, record, limit.Token);
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
            record.Cut();
        }
        catch (OperationCanceledException)
        {
            record.Fail("timeout", $"no end within {_timeout.TotalSeconds} s");
        }
        catch (HttpRequestException e)
        {
            record.Fail(Unconnected, Shortened(e.Message));
        }
        catch (IOException e)
        {
            record.Fail("broken_stream", Shortened(e.Message));
        }
        catch (JsonException e)
        {
            record.Fail("malformed_chunk", Shortened(e.Message));
        }

        lock (_records)
        {
            _records.Add(record);
            _numFailed += record.Failure is null ? 0 : 1;
        }

        return record.Failure is not (Unconnected or "503" or "529");
    }

    /// <inheritdoc/>
    public void Dispose() => _http.Dispose();

    private async Task SendAsync(PreparedRequest request, RequestRecord record, CancellationToken cancellationToken)
    {
        using HttpRequestMessage message = new(HttpMethod.Post, _endpoints[request.Index % _endpoints.Count]) { Content = new ReadOnlyMemoryContent(request.Body) };
        message.Content.Headers.ContentType = new MediaTypeHeaderValue("application/json");
        using HttpResponseMessage response = await _http.SendAsync(message, HttpCompletionOption.ResponseHeadersRead, cancellationToken);
        if (!response.IsSuccessStatusCode)
        {
            string body = await response.Content.ReadAsStringAsync(cancellationToken);
            record.Fail($"{(int)response.StatusCode}", $"{(int)response.StatusCode} {Shortened(OpenAIChatClient.ErrorText(body))}");
            return;
        }

        await using Stream stream = await response.Content.ReadAsStreamAsync(cancellationToken);
        await new StreamMeter(record, _clock).ReadAsync(stream, cancellationToken);
    }

    private static string Shortened(string text) => text.Length <= MaxErrorLength ? text : $"{text.AsSpan(0, MaxErrorLength)}…";
}
