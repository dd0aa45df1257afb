using System.Buffers;
using System.Text;
using System.Text.Json;

namespace Dynamo.Cli.Bench;

/// <summary>
/// Writes the bodies of requests. They are greedy, streamed with usage, and end neither early nor late: the model's own end is ignored. Thread-safe.
/// </summary>
internal sealed class RequestPreparer(IWorkload workload, string model, BenchApi api)
{
    // Common enough to be a token of their own, with the space before them, in any large vocabulary.
    private static readonly string[] Words =
    [
        "the", "of", "and", "to", "in", "is", "that", "for", "it", "as", "was", "with", "be", "by", "on", "not", "he", "this", "are", "or", "his", "from", "at", "which",
        "but", "have", "an", "had", "they", "you", "were", "their", "one", "all", "we", "can", "her", "has", "there", "been", "if", "more", "when", "will", "would", "who",
        "so", "no", "out", "up", "into", "them", "then", "she", "some", "time", "what", "new", "about", "its", "only", "other", "could", "like",
    ];

    /// <summary>Makes a request ready.</summary>
    public PreparedRequest Prepare(int index)
    {
        (int numInputTokens, int numOutputTokens) = workload.LengthsOf(index);
        int[] rented = ArrayPool<int>.Shared.Rent(numInputTokens);
        try
        {
            Span<int> prompt = rented.AsSpan(0, numInputTokens);
            workload.WritePrompt(index, prompt);
            ArrayBufferWriter<byte> body = new(256 + (numInputTokens * 6));
            using (Utf8JsonWriter json = new(body))
            {
                json.WriteStartObject();
                json.WriteString("model"u8, model);
                WritePrompt(json, prompt);
                json.WriteNumber("max_tokens"u8, numOutputTokens);
                json.WriteNumber("temperature"u8, 0);
                json.WriteBoolean("ignore_eos"u8, true);
                json.WriteBoolean("stream"u8, true);
                json.WriteStartObject("stream_options"u8);
                json.WriteBoolean("include_usage"u8, true);
                json.WriteEndObject();

                // Dynamo tells the worker only when asked to.
                json.WriteStartObject("nvext"u8);
                json.WriteStartArray("extra_fields"u8);
                json.WriteStringValue("worker_id"u8);
                json.WriteStringValue("overlap"u8);
                json.WriteEndArray();
                json.WriteEndObject();
                json.WriteEndObject();
            }

            return new PreparedRequest(index, numOutputTokens, body.WrittenMemory);
        }
        finally
        {
            ArrayPool<int>.Shared.Return(rented);
        }
    }

    private void WritePrompt(Utf8JsonWriter json, ReadOnlySpan<int> prompt)
    {
        if (api == BenchApi.Completions)
        {
            json.WriteStartArray("prompt"u8);
            foreach (int token in prompt)
            {
                json.WriteNumberValue(token);
            }

            json.WriteEndArray();
            return;
        }

        StringBuilder text = new(prompt.Length * 5);
        foreach (int token in prompt)
        {
            text.Append(text.Length == 0 ? "" : " ").Append(Words[token % Words.Length]);
        }

        json.WriteStartArray("messages"u8);
        json.WriteStartObject();
        json.WriteString("role"u8, "user"u8);
        json.WriteString("content"u8, text.ToString());
        json.WriteEndObject();
        json.WriteEndArray();
    }
}
