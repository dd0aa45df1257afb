using System.Net;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Primitives;

namespace Dynamo.Frontend.Access;

/// <summary>
/// Where a request comes from, as far as it shows. A loopback address alone says little: a page of any site reaches it through the operator's own
/// browser, by name too (DNS rebinding), and behind a proxy on this machine everybody has it.
/// </summary>
internal static class RequestSource
{
    private const string SecFetchSite = "Sec-Fetch-Site";

    // What proxies add to say for whom they ask.
    private static readonly string[] ForwardingHeaders =
    [
        "Forwarded", "Via", "X-Real-IP", "X-Client-IP", "X-Cluster-Client-IP", "X-Scheme", "True-Client-IP", "CF-Connecting-IP", "CF-Ray", "CDN-Loop", "Fastly-Client-IP", "Client-IP",
    ];

    private static readonly string[] ForwardingPrefixes = ["X-Forwarded", "X-Original-", "X-Envoy-", "X-Azure-", "X-Amzn-"];

    /// <summary>Why a request is not one that this machine itself makes, or <see langword="null"/> when it looks like one.</summary>
    public static string? WhyNotThisMachine(HttpContext context)
    {
        HttpRequest request = context.Request;
        return context.Connection.RemoteIpAddress is not { } address || !IPAddress.IsLoopback(address) ? "it comes from another machine"
            : ForwardingHeader(request.Headers) is { } header ? $"it was forwarded ({header})"
            : HttpProtocol.IsHttp10(request.Protocol) ? "it is of HTTP/1.0, which proxies speak"
            : !IsLoopback(request.Host.Host) ? "its Host is not this machine's loopback address"
            : WhyForeign(request);
    }

    /// <summary>Why a request was made by a page of another origin in somebody's browser, or <see langword="null"/> when nothing says so.</summary>
    public static string? WhyForeign(HttpRequest request)
    {
        // Sites are not enough: other ports of this machine are of the same site, and whoever has one is not the operator.
        StringValues site = request.Headers[SecFetchSite];
        StringValues origin = request.Headers.Origin;
        return site.Count > 0 && site is not ["same-origin"] and not ["none"] ? $"a page of another origin makes it ({SecFetchSite})"
            : origin.Count > 0 && !string.Equals(origin.ToString(), $"{request.Scheme}://{request.Host}", StringComparison.OrdinalIgnoreCase)
                ? "a page of another origin makes it (Origin)"
            : null;
    }

    private static string? ForwardingHeader(IHeaderDictionary headers)
    {
        foreach ((string name, _) in headers)
        {
            if (ForwardingHeaders.Contains(name, StringComparer.OrdinalIgnoreCase)
                || Array.Exists(ForwardingPrefixes, prefix => name.StartsWith(prefix, StringComparison.OrdinalIgnoreCase)))
            {
                return name;
            }
        }

        return null;
    }

    private static bool IsLoopback(string host) =>
        host.Equals("localhost", StringComparison.OrdinalIgnoreCase) || (IPAddress.TryParse(host, out IPAddress? address) && IPAddress.IsLoopback(address));
}
