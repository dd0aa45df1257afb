using Dynamo.Frontend.Configuration;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.AspNetCore.Server.Kestrel.Core.Features;

namespace Dynamo.Frontend;

/// <summary>How slow a client may be. Kestrel's own limits take one whose machine is busy for an attacker: 5 s without a byte, and it is gone.</summary>
internal static class ConnectionLimits
{
    /// <summary>Connections that wait to be accepted, as uvicorn's: a thousand clients may come at one moment.</summary>
    public const int Backlog = 2048;

    /// <summary>From the first byte of a request to the end of its headers.</summary>
    public static readonly TimeSpan HeadersTimeout = TimeSpan.FromMinutes(2);

    // A body that pauses, or an answer that is not read, is waited for as long as OpenAI's clients wait for theirs. Not for ever: a machine that
    // has vanished without a farewell would keep its connection, and its sequence at a worker. Once that is over, Kestrel's own rate.
    private static readonly MinDataRate Rate = new(bytesPerSecond: 240, TimeSpan.FromMinutes(10));

    /// <summary>Sets what holds for one request, and for no other of the host.</summary>
    public static void Set(HttpContext context, FrontendOptions options)
    {
        if (context.Features.Get<IHttpMaxRequestBodySizeFeature>() is { IsReadOnly: false } body)
        {
            body.MaxRequestBodySize = options.MaxRequestBodyBytes;
        }

        if (context.Features.Get<IHttpMinRequestBodyDataRateFeature>() is { } request)
        {
            request.MinDataRate = Rate;
        }

        if (context.Features.Get<IHttpMinResponseDataRateFeature>() is { } response)
        {
            response.MinDataRate = Rate;
        }
    }
}
