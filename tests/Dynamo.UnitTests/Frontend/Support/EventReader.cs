using System.Net.ServerSentEvents;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;

namespace Dynamo.UnitTests.Frontend.Support;

/// <summary>Reads a stream of events one by one, as a client does.</summary>
internal sealed class EventReader(HttpResponseMessage response) : IAsyncDisposable
{
    private readonly IAsyncEnumerator<SseItem<string>> _items = SseParser.Create(response.Content.ReadAsStream()).EnumerateAsync().GetAsyncEnumerator();

    /// <summary>Waits for the next event's data.</summary>
    public async Task<string> NextAsync() =>
        await _items.MoveNextAsync().AsTask().WaitAsync(Waiting.Limit) ? _items.Current.Data : throw new InvalidOperationException("The stream has ended.");

    /// <summary>Waits for the next chunk.</summary>
    public async Task<JsonNode> NextChunkAsync() => JsonNode.Parse(await NextAsync())!;

    /// <summary>Reads to the end; the last event is <c>[DONE]</c> and left out.</summary>
    public async Task<List<JsonNode>> RestAsync()
    {
        List<JsonNode> chunks = [];
        for (string data = await NextAsync(); data != "[DONE]"; data = await NextAsync())
        {
            chunks.Add(JsonNode.Parse(data)!);
        }

        return chunks;
    }

    public ValueTask DisposeAsync()
    {
        response.Dispose();
        return _items.DisposeAsync();
    }

    /// <summary>A body with the response's random id replaced by ID.</summary>
    public static async Task<string> BodyAsync(HttpResponseMessage response) =>
        Regex.Replace(await response.Content.ReadAsStringAsync(), "(chatcmpl|cmpl)-[0-9a-f]{32}", "ID");
}
