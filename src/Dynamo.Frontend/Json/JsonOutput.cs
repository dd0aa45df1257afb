using System.Buffers;
using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using Microsoft.AspNetCore.Http;

namespace Dynamo.Frontend.Json;

/// <summary>How JSON is written: characters as they are, since the content type rules out that a browser reads it as HTML.</summary>
internal static class JsonOutput
{
    /// <summary>Escapes only what JSON asks for.</summary>
    public static readonly JavaScriptEncoder Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping;

    private static readonly JsonWriterOptions Options = new() { Encoder = Encoder, SkipValidation = true };

    /// <summary>Creates a writer; <see cref="Utf8JsonWriter.Reset(IBufferWriter{byte})"/> makes it usable again.</summary>
    public static Utf8JsonWriter CreateWriter(IBufferWriter<byte> output) => new(output, Options);

    /// <summary>Sends an answer with the response's status.</summary>
    public static Task RespondAsync<T>(HttpResponse response, T answer, JsonTypeInfo<T> type)
    {
        ArrayBufferWriter<byte> body = new(1024);
        using (Utf8JsonWriter json = CreateWriter(body))
        {
            JsonSerializer.Serialize(json, answer, type);
        }

        return RespondAsync(response, body.WrittenMemory);
    }

    /// <summary>Sends a whole JSON body with the response's status.</summary>
    public static async Task RespondAsync(HttpResponse response, ReadOnlyMemory<byte> body)
    {
        response.ContentType = "application/json";
        response.ContentLength = body.Length;
        if (!HttpMethods.IsHead(response.HttpContext.Request.Method))
        {
            await response.Body.WriteAsync(body, response.HttpContext.RequestAborted);
        }
    }
}
