using System.Text.Json;
using Dynamo.Cli.Chat;

namespace Dynamo.Cli.Bench;

/// <summary>
/// Reads a chunk of either API without allocating for one that only brings text. What is unknown is passed over, whatever its type: servers differ.
/// </summary>
internal static class ChunkReader
{
    /// <summary>Reads a chunk.</summary>
    /// <exception cref="JsonException">It is no JSON object.</exception>
    public static Chunk Read(ReadOnlySpan<byte> data)
    {
        Utf8JsonReader json = new(data);
        Chunk chunk = default;
        json.Read();
        if (json.TokenType != JsonTokenType.StartObject)
        {
            throw new JsonException("a chunk is not a JSON object.");
        }

        while (NextProperty(ref json))
        {
            if (json.ValueTextEquals("choices"u8))
            {
                ReadChoices(ref json, ref chunk);
            }
            else if (json.ValueTextEquals("usage"u8))
            {
                ReadUsage(ref json, ref chunk);
            }
            else if (json.ValueTextEquals("nvext"u8))
            {
                ReadExtensions(ref json, ref chunk);
            }
            else if (json.ValueTextEquals("error"u8))
            {
                ReadError(ref json, ref chunk);
            }
            else
            {
                json.Skip();
            }
        }

        return chunk;
    }

    private static void ReadChoices(ref Utf8JsonReader json, ref Chunk chunk)
    {
        if (!Enter(ref json, JsonTokenType.StartArray))
        {
            return;
        }

        while (json.Read() && json.TokenType != JsonTokenType.EndArray)
        {
            if (json.TokenType == JsonTokenType.StartObject)
            {
                ReadChoice(ref json, ref chunk);
            }
            else
            {
                json.Skip();
            }
        }
    }

    private static void ReadChoice(ref Utf8JsonReader json, ref Chunk chunk)
    {
        while (NextProperty(ref json))
        {
            if (json.ValueTextEquals("text"u8))
            {
                chunk.HasText |= IsFilledText(ref json);
            }
            else if (json.ValueTextEquals("delta"u8))
            {
                ReadDelta(ref json, ref chunk);
            }
            else if (json.ValueTextEquals("finish_reason"u8))
            {
                chunk.IsEnd |= IsFilledText(ref json);
            }
            else
            {
                json.Skip();
            }
        }
    }

    private static void ReadDelta(ref Utf8JsonReader json, ref Chunk chunk)
    {
        if (!Enter(ref json, JsonTokenType.StartObject))
        {
            return;
        }

        while (NextProperty(ref json))
        {
            if (json.ValueTextEquals("content"u8) || json.ValueTextEquals("reasoning_content"u8) || json.ValueTextEquals("reasoning"u8))
            {
                chunk.HasText |= IsFilledText(ref json);
            }
            else
            {
                json.Skip();
            }
        }
    }

    private static void ReadUsage(ref Utf8JsonReader json, ref Chunk chunk)
    {
        if (!Enter(ref json, JsonTokenType.StartObject))
        {
            return;
        }

        int numPromptTokens = 0;
        int numCompletionTokens = 0;
        int? numCachedTokens = null;
        while (NextProperty(ref json))
        {
            if (json.ValueTextEquals("prompt_tokens"u8))
            {
                numPromptTokens = Integer(ref json) ?? 0;
            }
            else if (json.ValueTextEquals("completion_tokens"u8))
            {
                numCompletionTokens = Integer(ref json) ?? 0;
            }
            else if (json.ValueTextEquals("prompt_tokens_details"u8))
            {
                numCachedTokens = IntegerIn(ref json, "cached_tokens"u8);
            }
            else
            {
                json.Skip();
            }
        }

        chunk.Usage = new TokenUsage(numPromptTokens, numCompletionTokens, numCachedTokens);
    }

    private static void ReadExtensions(ref Utf8JsonReader json, ref Chunk chunk)
    {
        if (!Enter(ref json, JsonTokenType.StartObject))
        {
            return;
        }

        while (NextProperty(ref json))
        {
            if (json.ValueTextEquals("worker_id"u8))
            {
                json.Read();
                chunk.Worker = WorkerOf(JsonElement.ParseValue(ref json));
            }
            else if (json.ValueTextEquals("overlap"u8))
            {
                chunk.NumOverlapTokens = IntegerIn(ref json, "predicted_tokens"u8);
            }
            else
            {
                json.Skip();
            }
        }
    }

    // An id alone, or Dynamo's object with an id for each phase: the one that decodes is the one that answers.
    private static string? WorkerOf(JsonElement value)
    {
        if (value.ValueKind != JsonValueKind.Object)
        {
            return value.ValueKind is JsonValueKind.String or JsonValueKind.Number ? value.ToString() : null;
        }

        return value.TryGetProperty("decode_worker_id", out JsonElement id) || value.TryGetProperty("prefill_worker_id", out id) ? WorkerOf(id) : null;
    }

    private static void ReadError(ref Utf8JsonReader json, ref Chunk chunk)
    {
        json.Read();
        JsonElement error = JsonElement.ParseValue(ref json);
        if (error.ValueKind != JsonValueKind.Null)
        {
            chunk.Error = OpenAIChatClient.ErrorText(error);
        }
    }

    private static bool NextProperty(ref Utf8JsonReader json) => json.Read() && json.TokenType == JsonTokenType.PropertyName;

    // Reads the value; passes over one of another type.
    private static bool Enter(ref Utf8JsonReader json, JsonTokenType wanted)
    {
        json.Read();
        if (json.TokenType == wanted)
        {
            return true;
        }

        json.Skip();
        return false;
    }

    private static bool IsFilledText(ref Utf8JsonReader json)
    {
        json.Read();
        bool isFilled = json.TokenType == JsonTokenType.String && json.ValueSpan.Length > 0;
        json.Skip();
        return isFilled;
    }

    private static int? Integer(ref Utf8JsonReader json)
    {
        json.Read();
        int? value = json.TokenType == JsonTokenType.Number && json.TryGetInt32(out int number) ? number : null;
        json.Skip();
        return value;
    }

    private static int? IntegerIn(ref Utf8JsonReader json, ReadOnlySpan<byte> name)
    {
        int? value = null;
        if (Enter(ref json, JsonTokenType.StartObject))
        {
            while (NextProperty(ref json))
            {
                if (json.ValueTextEquals(name))
                {
                    value = Integer(ref json);
                }
                else
                {
                    json.Skip();
                }
            }
        }

        return value;
    }
}
