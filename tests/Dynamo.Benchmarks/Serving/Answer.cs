using System.Text;
using System.Text.Json;

namespace Dynamo.Benchmarks.Serving;

/// <summary>What a model's answer says, streamed or whole.</summary>
internal sealed class Answer
{
    private static readonly byte[] DataPrefix = "data: "u8.ToArray();

    private readonly StringBuilder _text = new();
    private readonly List<int> _pieces = [];
    private readonly HttpAnswer _http;

    private Answer(HttpAnswer http) => _http = http;

    /// <summary>All of its text.</summary>
    public string Text => _text.ToString();

    /// <summary>Tokens of the prompt, as the server counts; -1 when it does not say.</summary>
    public int NumPromptTokens { get; private set; } = -1;

    /// <summary>Tokens of the text, as the server counts; -1 when it does not say.</summary>
    public int NumTokens { get; private set; } = -1;

    /// <summary>Why it ended.</summary>
    public string? FinishReason { get; private set; }

    /// <summary>Whether <c>[DONE]</c> was the last event of a stream.</summary>
    public bool IsDone { get; private set; }

    /// <summary>For each piece of text, where its event ends in the answer's bytes.</summary>
    public IReadOnlyList<int> Pieces => _pieces;

    /// <summary>Reads one.</summary>
    /// <exception cref="BenchmarkFault">It is not what such an answer is made of.</exception>
    public static Answer Parse(HttpAnswer http, bool isStream)
    {
        Answer answer = new(http);
        try
        {
            if (isStream)
            {
                answer.ReadEvents();
            }
            else
            {
                answer.ReadChunk(http.Body, http.Body.Length, "message");
            }
        }
        catch (Exception e) when (e is JsonException or KeyNotFoundException or InvalidOperationException)
        {
            throw new BenchmarkFault($"an answer is not OpenAI's: {e.Message} It begins: {Encoding.UTF8.GetString(http.Body, 0, Math.Min(200, http.Body.Length))}");
        }

        return answer;
    }

    private void ReadEvents()
    {
        int start = 0;
        while (start < _http.Body.Length)
        {
            int length = _http.Body.AsSpan(start).IndexOf("\n\n"u8);
            ReadOnlyMemory<byte> data = _http.Body.AsMemory(start, length < 0 ? _http.Body.Length - start : length);
            if (length < 0 || !data.Span.StartsWith(DataPrefix) || IsDone)
            {
                throw new BenchmarkFault($"an event is not as it should be, or stands behind [DONE]: {Encoding.UTF8.GetString(data.Span)}");
            }

            data = data[DataPrefix.Length..];
            start += length + 2;
            if (data.Span.SequenceEqual("[DONE]"u8))
            {
                IsDone = true;
            }
            else
            {
                ReadChunk(data, start, "delta");
            }
        }
    }

    private void ReadChunk(ReadOnlyMemory<byte> json, int end, string content)
    {
        using JsonDocument document = JsonDocument.Parse(json);
        foreach (JsonElement choice in document.RootElement.GetProperty("choices").EnumerateArray())
        {
            if (choice.GetProperty(content).TryGetProperty("content", out JsonElement text) && text.GetString() is { Length: > 0 } piece)
            {
                _text.Append(piece);
                _pieces.Add(_http.RawIndexOf(end - 1));
            }

            FinishReason = choice.GetProperty("finish_reason").GetString() ?? FinishReason;
        }

        if (document.RootElement.TryGetProperty("usage", out JsonElement usage) && usage.ValueKind == JsonValueKind.Object)
        {
            NumPromptTokens = usage.GetProperty("prompt_tokens").GetInt32();
            NumTokens = usage.GetProperty("completion_tokens").GetInt32();
        }
    }
}
