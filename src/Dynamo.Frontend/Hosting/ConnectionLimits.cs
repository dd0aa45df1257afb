using Dynamo.Frontend.Configuration;
using Microsoft.AspNetCore.Server.Kestrel.Core;

namespace Dynamo.Frontend;

/// <summary>How slow a client may be. Kestrel's own limits take one whose machine is busy for an attacker: 5 s without a byte, and it is gone.</summary>
internal static class ConnectionLimits
{
    /// <summary>Connections that wait to be accepted, as uvicorn's: a thousand clients may come at one moment.</summary>
    public const int Backlog = 2048;

    // A body that pauses, or an answer that is not read, is waited for as long as OpenAI's clients wait for theirs. Not for ever: a machine that
    // has vanished without a farewell would keep its connection, and its sequence at a worker.
    private static readonly TimeSpan ClientPatience = TimeSpan.FromMinutes(10);

    // Once the patience is over: Kestrel's own.
    private const double BytesPerSecond = 240;

    // From the first byte of a request to the end of its headers.
    private static readonly TimeSpan HeadersPatience = TimeSpan.FromMinutes(2);

    public static void Set(KestrelServerLimits limits, FrontendOptions options)
    {
        limits.MaxRequestBodySize = options.MaxRequestBodyBytes;
        limits.MinRequestBodyDataRate = new MinDataRate(BytesPerSecond, ClientPatience);
        limits.MinResponseDataRate = new MinDataRate(BytesPerSecond, ClientPatience);
        limits.RequestHeadersTimeout = HeadersPatience;
    }
}
