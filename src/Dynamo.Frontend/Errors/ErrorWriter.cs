using System.Buffers;
using System.Globalization;
using System.Text.Json;
using Dynamo.Frontend.Json;
using Microsoft.AspNetCore.Http;

namespace Dynamo.Frontend.Errors;

/// <summary>OpenAI's error object: all four keys, always.</summary>
internal static class ErrorWriter
{
    // Names and values of a request may be megabytes long.
    private const int MaxMessageLength = 2000;
    private const int MaxParamLength = 200;

    /// <summary>Writes <c>{"error": {…}}</c>.</summary>
    public static void Write(Utf8JsonWriter json, ApiException error)
    {
        json.WriteStartObject();
        json.WriteStartObject("error");
        json.WriteString("message", Shortened.To(MaxMessageLength, error.Message));
        json.WriteString("type", error.Type);
        json.WriteString("param", error.Param is { } param ? Shortened.To(MaxParamLength, param) : null);
        json.WriteString("code", error.Code);
        json.WriteEndObject();
        json.WriteEndObject();
    }

    /// <summary>Answers with an error; the response must not have started.</summary>
    public static async Task RespondAsync(HttpResponse response, ApiException error)
    {
        response.Clear();
        response.StatusCode = error.Status;
        if (error.RetryAfter is { } delay)
        {
            response.Headers.RetryAfter = Math.Max(1, (long)Math.Ceiling(delay.TotalSeconds)).ToString(CultureInfo.InvariantCulture);
        }

        if (error.EndsConnection)
        {
            response.Headers.Connection = "close";
        }

        if (error.Challenge is { } challenge)
        {
            response.Headers.WWWAuthenticate = challenge;
        }

        if (error.Allow is { } methods)
        {
            response.Headers.Allow = methods;
        }

        ArrayBufferWriter<byte> body = new(512);
        using (Utf8JsonWriter json = JsonOutput.CreateWriter(body))
        {
            Write(json, error);
        }

        await JsonOutput.RespondAsync(response, body.WrittenMemory);
    }
}
