using System.Text.Json;
using System.Text.Unicode;
using Dynamo.Frontend.Errors;
using Dynamo.Frontend.Json;
using Microsoft.AspNetCore.Http;
using Microsoft.Net.Http.Headers;

namespace Dynamo.Frontend.Bodies;

/// <summary>The JSON object of a request, in pooled memory until it is disposed. Every string in it is well-formed.</summary>
internal sealed class RequestBody : IDisposable
{
    /// <summary>Deepest nesting accepted: 64 levels inside a tool's schema, which itself stands four deep, and a few more.</summary>
    private const int MaxDepth = 72;

    private static readonly JsonDocumentOptions Options = new() { MaxDepth = MaxDepth, AllowDuplicateProperties = false };

    private readonly JsonDocument _document;
    private readonly ByteBuffer _bytes;

    private RequestBody(JsonDocument document, ByteBuffer bytes)
    {
        _document = document;
        _bytes = bytes;
    }

    /// <summary>The object.</summary>
    public JsonElement Root => _document.RootElement;

    /// <summary>Reads the whole body.</summary>
    /// <exception cref="ApiException">Not JSON, not an object, or of another content type.</exception>
    /// <exception cref="BadHttpRequestException">Larger than the server takes, or cut short.</exception>
    public static async Task<RequestBody> ReadAsync(HttpRequest request, CancellationToken cancellationToken)
    {
        CheckContentType(request.ContentType);
        CheckEncoding(request.Headers.ContentEncoding.ToString());
        ByteBuffer bytes = new(request.ContentLength);
        try
        {
            await bytes.FillAsync(request.BodyReader, cancellationToken);
            return new RequestBody(Parse(bytes.Written), bytes);
        }
        catch
        {
            bytes.Dispose();
            throw;
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _document.Dispose();
        _bytes.Dispose();
    }

    private static JsonDocument Parse(ReadOnlyMemory<byte> utf8)
    {
        if (utf8.Span.StartsWith("\uFEFF"u8))
        {
            utf8 = utf8[3..];
        }

        if (!Utf8.IsValid(utf8.Span))
        {
            throw JsonFault.NotJson(null, "it is not UTF-8");
        }

        JsonDocument document;
        try
        {
            if (utf8.Length > ByteBuffer.MaxPooledBytes)
            {
                JsonSize.Check(utf8.Span, MaxDepth);
            }

            document = JsonDocument.Parse(utf8, Options);
        }
        catch (JsonException e)
        {
            throw JsonFault.Describe(e, utf8, MaxDepth);
        }
        catch (InvalidOperationException)
        {
            // Looking for duplicates, the parser already reads the names.
            throw SurrogateCheck.Fault(null);
        }

        try
        {
            if (document.RootElement.ValueKind != JsonValueKind.Object)
            {
                throw ApiException.BadParameter(null, $"The request body must be a JSON object, is {JsonValues.Description(document.RootElement)}.", "invalid_json");
            }

            SurrogateCheck.Check(document.RootElement, utf8.Span);
            return document;
        }
        catch
        {
            document.Dispose();
            throw;
        }
    }

    private static void CheckContentType(string? contentType)
    {
        // Absent is let through: a client that sets none means the one thing that this path takes.
        if (string.IsNullOrEmpty(contentType))
        {
            return;
        }

        if (!MediaTypeHeaderValue.TryParse(contentType, out MediaTypeHeaderValue? type)
            || !(type.MediaType.Equals("application/json", StringComparison.OrdinalIgnoreCase) || type.Suffix.Equals("json", StringComparison.OrdinalIgnoreCase))
            || (type.Charset.HasValue && !type.Charset.Value.Trim('"').Equals("utf-8", StringComparison.OrdinalIgnoreCase)))
        {
            throw WrongMedia($"The content type must be application/json in UTF-8, is '{contentType}'. Set the header Content-Type: application/json.");
        }
    }

    private static void CheckEncoding(string encoding)
    {
        if (encoding.Length > 0 && encoding != "identity")
        {
            throw WrongMedia($"The body must not be compressed; its content encoding is '{encoding}'.");
        }
    }

    private static ApiException WrongMedia(string message) =>
        new(StatusCodes.Status415UnsupportedMediaType, ApiException.InvalidRequest, message, null, "unsupported_media_type");
}
