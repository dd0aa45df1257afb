using System.Buffers;
using System.Net.Sockets;
using System.Text;
using System.Text.Json;

namespace Dynamo.Diagnostics;

/// <summary>What a NATS server says when one connects.</summary>
/// <param name="Version">Its version.</param>
/// <param name="MaxPayload">Longest message, bytes.</param>
/// <param name="NeedsAuthentication">Whether it asks for credentials.</param>
/// <param name="NeedsTls">Whether it asks for TLS.</param>
public sealed record NatsReading(string Version, long MaxPayload, bool NeedsAuthentication, bool NeedsTls);

/// <summary>Reads the line that a NATS server sends first: <c>INFO {json}</c> (docs.nats.io, client protocol).</summary>
public static class NatsReader
{
    private const string Prefix = "INFO ";
    private const int MaxLine = 1 << 16;

    /// <summary>Connects, reads and disconnects.</summary>
    /// <param name="server">The server.</param>
    /// <param name="cancellationToken">The deadline.</param>
    /// <exception cref="InvalidDataException">What answers is no NATS server; the message shows how it began.</exception>
    /// <exception cref="SocketException">It cannot be reached.</exception>
    public static async Task<NatsReading> ReadAsync(Uri server, CancellationToken cancellationToken)
    {
        using TcpClient client = new();
        await client.ConnectAsync(server.Host, server.Port, cancellationToken);
        return Parse(await ReadLineAsync(client.GetStream(), cancellationToken));
    }

    /// <summary>Reads the first line of a NATS server.</summary>
    /// <exception cref="InvalidDataException">It is none.</exception>
    internal static NatsReading Parse(string line)
    {
        if (line.StartsWith(Prefix, StringComparison.Ordinal))
        {
            try
            {
                using JsonDocument document = JsonDocument.Parse(line.AsMemory(Prefix.Length));
                JsonElement info = document.RootElement;
                return new NatsReading(
                    info.GetProperty("version").GetString() ?? "",
                    info.GetProperty("max_payload").GetInt64(),
                    Flag(info, "auth_required"),
                    Flag(info, "tls_required"));
            }
            catch (Exception e) when (e is JsonException or KeyNotFoundException or InvalidOperationException or FormatException)
            {
                throw NotNats(line, e);
            }
        }

        throw NotNats(line, null);
    }

    private static bool Flag(JsonElement info, string name) => info.TryGetProperty(name, out JsonElement value) && value.ValueKind == JsonValueKind.True;

    private static async Task<string> ReadLineAsync(NetworkStream stream, CancellationToken cancellationToken)
    {
        ArrayBufferWriter<byte> line = new();
        while (line.WrittenSpan.IndexOf((byte)'\n') < 0 && line.WrittenCount < MaxLine)
        {
            int count = await stream.ReadAsync(line.GetMemory(1024), cancellationToken);
            if (count == 0)
            {
                break;
            }

            line.Advance(count);
        }

        return Encoding.UTF8.GetString(line.WrittenSpan).TrimEnd();
    }

    private static InvalidDataException NotNats(string line, Exception? cause) =>
        new($"what answers is no NATS server: it began with '{(line.Length <= 40 ? line : line[..40])}'", cause);
}
