using System.Net.Http.Json;
using System.Net.ServerSentEvents;
using System.Runtime.CompilerServices;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace Dynamo.EndToEndTests.Serving;

/// <summary>Chat completions as a client sees them.</summary>
internal sealed class ChatApi(HttpClient http)
{
    private const string Path = "v1/chat/completions";

    /// <summary>Asks and waits for the whole answer.</summary>
    public async Task<JsonNode> AskAsync(JsonObject request, CancellationToken cancellationToken = default)
    {
        using HttpResponseMessage response = await http.PostAsJsonAsync(Path, request, cancellationToken);
        string body = await response.Content.ReadAsStringAsync(cancellationToken);
        return response.IsSuccessStatusCode ? JsonNode.Parse(body)! : throw new InvalidOperationException($"{(int)response.StatusCode}: {body}");
    }

    /// <summary>The text of the first choice.</summary>
    public async Task<string> AnswerAsync(JsonObject request, CancellationToken cancellationToken = default) =>
        (string)(await AskAsync(request, cancellationToken))["choices"]![0]!["message"]!["content"]!;

    /// <summary>Asks and yields pieces of text as they come. The request must ask for a stream.</summary>
    public async IAsyncEnumerable<string> StreamAsync(JsonObject request, [EnumeratorCancellation] CancellationToken cancellationToken = default)
    {
        using HttpRequestMessage message = new(HttpMethod.Post, Path) { Content = JsonContent.Create(request) };
        using HttpResponseMessage response = await http.SendAsync(message, HttpCompletionOption.ResponseHeadersRead, cancellationToken);
        response.EnsureSuccessStatusCode();
        await using Stream body = await response.Content.ReadAsStreamAsync(cancellationToken);
        await foreach (SseItem<string> item in SseParser.Create(body).EnumerateAsync(cancellationToken))
        {
            if (item.Data == "[DONE]")
            {
                yield break;
            }

            using JsonDocument chunk = JsonDocument.Parse(item.Data);
            foreach (JsonElement choice in chunk.RootElement.GetProperty("choices").EnumerateArray())
            {
                if (choice.GetProperty("delta").TryGetProperty("content", out JsonElement content) && content.GetString() is { Length: > 0 } text)
                {
                    yield return text;
                }
            }
        }

        throw new InvalidOperationException("The stream ended without [DONE].");
    }

    /// <summary>The whole text of a stream.</summary>
    public async Task<string> StreamedAnswerAsync(JsonObject request, CancellationToken cancellationToken = default)
    {
        StringBuilder text = new();
        await foreach (string piece in StreamAsync(request, cancellationToken))
        {
            text.Append(piece);
        }

        return text.ToString();
    }
}
