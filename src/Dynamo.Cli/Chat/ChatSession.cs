using System.Diagnostics;
using System.Globalization;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using Dynamo.Cli.Input;

namespace Dynamo.Cli.Chat;

/// <summary>A conversation: keeps what was said, asks, and writes each answer as it arrives. Not thread-safe.</summary>
internal sealed class ChatSession(OpenAIChatClient client, TextWriter output)
{
    private readonly JsonArray _messages = [];

    public required string Model { get; init; }

    public double? Temperature { get; init; }

    public int? MaxTokens { get; init; }

    public bool ShowTiming { get; init; }

    public void AddSystemPrompt(string text) => _messages.Add(Message("system", text));

    /// <summary>Reads questions until the input ends or <c>/exit</c>. Ctrl-C ends the answer that is being written, not the chat.</summary>
    public async Task RunAsync(TextReader input, CancellationToken cancellationToken)
    {
        output.WriteLine($"Chatting with {Model}. /exit or Ctrl-D ends.");
        while (!cancellationToken.IsCancellationRequested)
        {
            output.Write("> ");
            output.Flush();
            string? question = input.ReadLine();
            if (question is null or "/exit")
            {
                return;
            }

            if (question.Length == 0)
            {
                continue;
            }

            using CancellationTokenSource answer = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
            ConsoleCancelEventHandler onCancel = (_, e) =>
            {
                e.Cancel = true;
                answer.Cancel();
            };
            Console.CancelKeyPress += onCancel;
            try
            {
                await AskAsync(question, answer.Token);
            }
            catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
            {
                output.WriteLine();
            }
            catch (CommandFault e)
            {
                output.WriteLine($"({e.Message})");
            }
            finally
            {
                Console.CancelKeyPress -= onCancel;
            }
        }
    }

    /// <summary>Asks one question, writes the answer as it streams, and remembers both when the answer came whole.</summary>
    public async Task AskAsync(string question, CancellationToken cancellationToken)
    {
        JsonObject user = Message("user", question);
        JsonObject request = new()
        {
            ["model"] = Model,
            ["messages"] = new JsonArray([.. _messages.Select(message => message!.DeepClone()), user.DeepClone()]),
            ["stream"] = true,
            ["stream_options"] = new JsonObject { ["include_usage"] = true },
        };
        if (Temperature is { } temperature)
        {
            request["temperature"] = temperature;
        }

        if (MaxTokens is { } maxTokens)
        {
            request["max_tokens"] = maxTokens;
        }

        StringBuilder answer = new();
        long start = Stopwatch.GetTimestamp();
        long first = 0;
        long last = 0;
        int numTokens = 0;
        await foreach (JsonElement chunk in client.StreamAsync(request, cancellationToken))
        {
            if (chunk.TryGetProperty("usage", out JsonElement usage) && usage.ValueKind == JsonValueKind.Object)
            {
                numTokens = usage.GetProperty("completion_tokens").GetInt32();
            }

            foreach (JsonElement choice in chunk.GetProperty("choices").EnumerateArray())
            {
                if (choice.GetProperty("delta").TryGetProperty("content", out JsonElement content) && content.GetString() is { Length: > 0 } text)
                {
                    last = Stopwatch.GetTimestamp();
                    first = first == 0 ? last : first;
                    answer.Append(text);
                    output.Write(text);
                    output.Flush();
                }
            }
        }

        output.WriteLine();
        _messages.Add(user);
        _messages.Add(Message("assistant", answer.ToString()));
        if (ShowTiming && first != 0)
        {
            WriteTiming(Stopwatch.GetElapsedTime(start, first), Stopwatch.GetElapsedTime(first, last), numTokens);
        }
    }

    // Tokens per second of decoding: the first token is the prompt's work, so it and its time are left out.
    private void WriteTiming(TimeSpan untilFirst, TimeSpan decoding, int numTokens)
    {
        string rate = numTokens > 1 && decoding > TimeSpan.Zero
            ? string.Create(CultureInfo.InvariantCulture, $"{(numTokens - 1) / decoding.TotalSeconds:0.0} tokens/s")
            : "one piece, no rate";
        output.WriteLine(string.Create(CultureInfo.InvariantCulture, $"[time to first token {untilFirst.TotalMilliseconds:0.0} ms, {numTokens} tokens, {rate}]"));
    }

    private static JsonObject Message(string role, string text) => new() { ["role"] = role, ["content"] = text };
}
