using System.Text;
using System.Text.Json;

namespace Dynamo.EndToEndTests.Faults;

/// <summary>What a stream said, read from its events.</summary>
/// <param name="Text">The whole text.</param>
/// <param name="Tokens">Each token with its log-probability, as the server wrote them: equal only when the numbers are.</param>
/// <param name="FinishReason">Why it ended.</param>
/// <param name="NumPromptTokens">Of its usage.</param>
/// <param name="NumCompletionTokens">Of its usage.</param>
/// <param name="Error">Message of an error event.</param>
/// <param name="ResponseIds">Ids that its chunks carried, each once.</param>
internal sealed record StreamAnswer(
    string Text,
    IReadOnlyList<string> Tokens,
    string? FinishReason,
    int? NumPromptTokens,
    int? NumCompletionTokens,
    string? Error,
    IReadOnlyCollection<string> ResponseIds)
{
    /// <summary>Reads the events of a stream that is over.</summary>
    public static StreamAnswer Of(StreamRecord record)
    {
        StringBuilder text = new();
        List<string> tokens = [];
        HashSet<string> ids = [];
        string? finishReason = null;
        string? error = null;
        int? numPromptTokens = null;
        int? numCompletionTokens = null;
        foreach (StreamEvent item in record.Events)
        {
            using JsonDocument document = JsonDocument.Parse(item.Data);
            JsonElement root = document.RootElement;
            if (root.TryGetProperty("error", out JsonElement fault))
            {
                error = fault.GetProperty("message").GetString();
                continue;
            }

            ids.Add(root.GetProperty("id").GetString()!);
            if (root.TryGetProperty("usage", out JsonElement usage) && usage.ValueKind == JsonValueKind.Object)
            {
                numPromptTokens = usage.GetProperty("prompt_tokens").GetInt32();
                numCompletionTokens = usage.GetProperty("completion_tokens").GetInt32();
            }

            foreach (JsonElement choice in root.GetProperty("choices").EnumerateArray())
            {
                if (choice.GetProperty("delta").TryGetProperty("content", out JsonElement content))
                {
                    text.Append(content.GetString());
                }

                if (choice.GetProperty("logprobs") is { ValueKind: JsonValueKind.Object } logprobs)
                {
                    foreach (JsonElement token in logprobs.GetProperty("content").EnumerateArray())
                    {
                        tokens.Add($"{token.GetProperty("token").GetString()} {token.GetProperty("logprob").GetRawText()}");
                    }
                }

                finishReason = choice.GetProperty("finish_reason").GetString() ?? finishReason;
            }
        }

        return new StreamAnswer(text.ToString(), tokens, finishReason, numPromptTokens, numCompletionTokens, error, ids);
    }
}
