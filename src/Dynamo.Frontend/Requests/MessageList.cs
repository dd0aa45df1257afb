using System.Buffers;
using System.Text.Json;
using Dynamo.Frontend.Bodies;
using Dynamo.Frontend.Errors;
using Dynamo.Frontend.Json;
using Dynamo.Frontend.Models;

namespace Dynamo.Frontend.Requests;

/// <summary>The messages of a chat as the template takes them: those of the request when they are so already, else a rewritten copy.</summary>
internal sealed class MessageList : IDisposable
{
    private readonly JsonDocument? _rewritten;

    private MessageList(JsonElement original) => Element = original;

    private MessageList(JsonDocument rewritten)
    {
        _rewritten = rewritten;
        Element = rewritten.RootElement;
    }

    /// <summary>The list.</summary>
    public JsonElement Element { get; }

    /// <summary>Checks and, if necessary, rewrites the messages of a request.</summary>
    /// <exception cref="ApiException">A message is not as it must be; names it.</exception>
    public static MessageList Read(JsonFields body, ChatPrompt chat)
    {
        JsonElement messages = body.Array("messages") ?? throw body.Missing("messages");
        if (messages.GetArrayLength() == 0)
        {
            throw ApiException.BadParameter("messages", "'messages' must have at least one message.", "invalid_value");
        }

        bool mustRewrite = false;
        int i = 0;
        foreach (JsonElement item in messages.EnumerateArray())
        {
            string path = $"messages[{i++}]";
            mustRewrite |= MessageCheck.Check(new JsonFields(JsonValues.Expect(item, JsonValueKind.Object, path, "an object"), path + "."), chat);
        }

        return mustRewrite ? new MessageList(Rewrite(messages, chat)) : new MessageList(messages);
    }

    /// <inheritdoc/>
    public void Dispose() => _rewritten?.Dispose();

    private static JsonDocument Rewrite(JsonElement messages, ChatPrompt chat)
    {
        ArrayBufferWriter<byte> buffer = new();
        using (Utf8JsonWriter json = JsonOutput.CreateWriter(buffer))
        {
            json.WriteStartArray();
            int i = 0;
            foreach (JsonElement message in messages.EnumerateArray())
            {
                MessageWriter.Write(json, message, $"messages[{i++}]", chat);
            }

            json.WriteEndArray();
        }

        return JsonDocument.Parse(buffer.WrittenMemory, new JsonDocumentOptions { MaxDepth = 4 * 64 });
    }
}
