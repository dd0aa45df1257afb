using System.Net.Http.Headers;
using System.Net.Http.Json;
using System.Net.ServerSentEvents;
using System.Runtime.CompilerServices;
using System.Text.Json;
using System.Text.Json.Nodes;
using Dynamo.Cli.Input;

namespace Dynamo.Cli.Chat;

/// <summary>The part of OpenAI's HTTP API that a terminal chat needs.</summary>
internal sealed class OpenAIChatClient : IDisposable
{
    private readonly HttpClient _http;

    /// <summary>Creates a client.</summary>
    /// <param name="baseAddress">Server address with a trailing slash, without <c>v1/</c>.</param>
    /// <param name="apiKey">Bearer token, or <see langword="null"/> for none.</param>
    public OpenAIChatClient(Uri baseAddress, string? apiKey)
    {
        // A long prompt may take minutes before its first token, so only the caller ends a request.
        _http = new HttpClient { BaseAddress = baseAddress, Timeout = Timeout.InfiniteTimeSpan };
        if (!string.IsNullOrEmpty(apiKey))
        {
            _http.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", apiKey);
        }
    }

    /// <summary>The address asked.</summary>
    public Uri Address => _http.BaseAddress!;

    /// <summary>Whether at least one model is ready; <see langword="false"/> too while nobody listens.</summary>
    public async Task<bool> IsReadyAsync(CancellationToken cancellationToken)
    {
        try
        {
            using HttpResponseMessage response = await _http.GetAsync("health", cancellationToken);
            return response.IsSuccessStatusCode;
        }
        catch (HttpRequestException)
        {
            return false;
        }
    }

    /// <summary>Name of the first model that the server lists.</summary>
    public async Task<string> FirstModelAsync(CancellationToken cancellationToken)
    {
        using HttpResponseMessage response = await SendAsync(new HttpRequestMessage(HttpMethod.Get, "v1/models"), cancellationToken);
        JsonNode? list = await response.Content.ReadFromJsonAsync<JsonNode>(cancellationToken);
        return (string?)list?["data"]?.AsArray().FirstOrDefault()?["id"] ?? throw new CommandFault($"{Address} lists no model.");
    }

    /// <summary>Asks for a streamed chat completion and yields its chunks.</summary>
    public async IAsyncEnumerable<JsonElement> StreamAsync(JsonObject request, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        using HttpRequestMessage message = new(HttpMethod.Post, "v1/chat/completions") { Content = JsonContent.Create(request) };
        using HttpResponseMessage response = await SendAsync(message, cancellationToken);
        await using Stream body = await response.Content.ReadAsStreamAsync(cancellationToken);
        await foreach (SseItem<string> item in SseParser.Create(body).EnumerateAsync(cancellationToken))
        {
            if (item.Data == "[DONE]")
            {
                yield break;
            }

            using JsonDocument chunk = JsonDocument.Parse(item.Data);
            if (chunk.RootElement.TryGetProperty("error", out JsonElement error))
            {
                throw new CommandFault($"the server ended the answer: {ErrorText(error)}");
            }

            yield return chunk.RootElement.Clone();
        }
    }

    /// <inheritdoc/>
    public void Dispose() => _http.Dispose();

    private async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
    {
        HttpResponseMessage response;
        try
        {
            response = await _http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, cancellationToken);
        }
        catch (HttpRequestException e)
        {
            throw new CommandFault($"no answer from {Address}: {e.Message}", e);
        }

        if (response.IsSuccessStatusCode)
        {
            return response;
        }

        string body = await response.Content.ReadAsStringAsync(cancellationToken);
        int status = (int)response.StatusCode;
        response.Dispose();
        throw new CommandFault($"{Address} answered {status}: {ErrorText(body)}");
    }

    /// <summary>The message of an error that a server answered with; what came instead when it is none.</summary>
    internal static string ErrorText(string body)
    {
        try
        {
            using JsonDocument document = JsonDocument.Parse(body);
            return document.RootElement.ValueKind == JsonValueKind.Object && document.RootElement.TryGetProperty("error", out JsonElement error) ? ErrorText(error) : body;
        }
        catch (JsonException)
        {
            return body;
        }
    }

    /// <summary>The message of an error object.</summary>
    internal static string ErrorText(JsonElement error) =>
        error.ValueKind == JsonValueKind.Object && error.TryGetProperty("message", out JsonElement message) ? message.ToString() : error.ToString();
}
