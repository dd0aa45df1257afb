using System.Buffers;
using System.Runtime.InteropServices;
using System.Text.Json;
using Dynamo.Frontend.Json;

namespace Dynamo.Frontend.Requests;

/// <summary>What another frontend needs to go on with a streamed response: which API, when, and the request as it came.</summary>
/// <param name="Endpoint">Name of the API, as metrics spell it.</param>
/// <param name="Created">When the request came.</param>
/// <param name="Body">The request's JSON.</param>
internal sealed record ResponseOrigin(string Endpoint, DateTimeOffset Created, ReadOnlyMemory<byte> Body)
{
    /// <summary>Puts it together from a request that was just read.</summary>
    public static ResponseOrigin Of(string endpoint, DateTimeOffset created, JsonElement body) => new(endpoint, created, JsonMarshal.GetRawUtf8Value(body).ToArray());

    /// <summary>As bytes, for the workers to keep.</summary>
    public byte[] ToBytes()
    {
        ArrayBufferWriter<byte> bytes = new(Body.Length + 128);
        using (Utf8JsonWriter json = JsonOutput.CreateWriter(bytes))
        {
            json.WriteStartObject();
            json.WriteString("endpoint", Endpoint);
            json.WriteNumber("created", Created.ToUnixTimeMilliseconds());
            json.WritePropertyName("body");
            json.WriteRawValue(Body.Span, skipInputValidation: true);
            json.WriteEndObject();
        }

        return bytes.WrittenSpan.ToArray();
    }

    /// <summary>Reads what <see cref="ToBytes"/> wrote.</summary>
    public static ResponseOrigin Parse(ReadOnlyMemory<byte> bytes)
    {
        using JsonDocument document = JsonDocument.Parse(bytes, new JsonDocumentOptions { MaxDepth = 128 });
        JsonElement root = document.RootElement;
        return Of(root.GetProperty("endpoint").GetString()!, DateTimeOffset.FromUnixTimeMilliseconds(root.GetProperty("created").GetInt64()), root.GetProperty("body"));
    }
}
