using System.Net;
using System.Text;
using Dynamo.Frontend.Access;
using Dynamo.Frontend.Configuration;
using Dynamo.Frontend.Errors;
using Microsoft.AspNetCore.Http;
using Xunit;

namespace Dynamo.UnitTests.Frontend.Access;

public sealed class AccessGuardTests
{
    private const string Key = "op-1";

    private static readonly FrontendOptions Keyless = new();
    private static readonly FrontendOptions Keyed = new() { AdminKey = Key };

    [Theory]
    [InlineData("Host: localhost:8000")]
    [InlineData("Host: LOCALHOST")]
    [InlineData("Host: 127.0.0.1:8000")]
    [InlineData("Host: 127.9.9.9")]
    [InlineData("Host: [::1]:8000")]
    [InlineData("Host: localhost:8000", "Sec-Fetch-Site: same-origin", "Origin: http://localhost:8000")]
    [InlineData("Host: localhost:8000", "Sec-Fetch-Site: none")]
    public void ThisMachineItself_IsTheOperator(params string[] headers) => Assert.Null(Refusal(Keyless, headers));

    [Theory]
    [InlineData("Host is not this machine's", "Host: evil.example:8000")]
    [InlineData("Host is not this machine's", "Host: localhost.evil.example")]
    [InlineData("Host is not this machine's", "Host: 0.0.0.0:8000")]
    [InlineData("Host is not this machine's", "Host: 192.168.0.7")]
    [InlineData("Host is not this machine's", "Host: ")]
    [InlineData("(Origin)", "Host: localhost", "Origin: https://evil.example")]
    [InlineData("(Origin)", "Host: localhost:8000", "Origin: http://localhost:3000")]
    [InlineData("(Origin)", "Host: localhost:8000", "Origin: https://localhost:8000")]
    [InlineData("(Origin)", "Host: localhost:8000", "Origin: null")]
    [InlineData("(Origin)", "Host: localhost", "Origin: http://localhost", "Origin: https://evil.example")]
    [InlineData("(Sec-Fetch-Site)", "Host: localhost", "Sec-Fetch-Site: cross-site")]
    [InlineData("(Sec-Fetch-Site)", "Host: localhost", "Sec-Fetch-Site: same-site")]
    [InlineData("(X-Forwarded-For)", "Host: localhost", "X-Forwarded-For: 203.0.113.9")]
    [InlineData("(X-Forwarded-For)", "Host: localhost", "X-Forwarded-For: 127.0.0.1")]
    [InlineData("(x-forwarded-proto)", "Host: localhost", "x-forwarded-proto: https")]
    [InlineData("(Forwarded)", "Host: localhost", "Forwarded: for=203.0.113.9")]
    [InlineData("(X-Real-IP)", "Host: localhost", "X-Real-IP: 203.0.113.9")]
    [InlineData("(Via)", "Host: localhost", "Via: 1.1 proxy")]
    [InlineData("(CF-Connecting-IP)", "Host: localhost", "CF-Connecting-IP: 203.0.113.9")]
    public void WhatAPageOrAProxyAsks_IsNot(string why, params string[] headers)
    {
        ApiException refusal = Refusal(Keyless, headers)!;

        Assert.Equal((403, "admin_key_required"), (refusal.Status, refusal.Code));
        Assert.Contains(why, refusal.Message, StringComparison.Ordinal);
        Assert.Contains("--admin-key", refusal.Message, StringComparison.Ordinal);
        Assert.Null(Refusal(Keyed, [.. headers, $"Authorization: Bearer {Key}"]));
    }

    [Fact]
    public void AnotherMachine_NeedsTheKeyWhateverItsHost()
    {
        IPAddress elsewhere = IPAddress.Parse("192.168.0.7");

        Assert.Equal(403, Refusal(Keyless, ["Host: localhost"], from: elsewhere)!.Status);
        Assert.Equal(403, Refusal(Keyed, ["Host: localhost", "Authorization: Bearer op-2"], from: elsewhere)!.Status);
        Assert.Equal(403, Refusal(Keyless, ["Host: localhost", "Authorization: Bearer "], from: elsewhere)!.Status);
        Assert.Null(Refusal(Keyed, ["Host: localhost", $"Authorization: bearer {Key}"], from: elsewhere));
    }

    [Fact]
    public void Http10_IsAProxys() => Assert.Equal(403, Refusal(Keyless, ["Host: 127.0.0.1:8000"], protocol: "HTTP/1.0")!.Status);

    [Fact]
    public void KeyThatIsAlwaysAskedFor_IsAskedForHereToo()
    {
        FrontendOptions options = Keyed with { RequireAdminKey = true };

        Assert.Equal(403, Refusal(options, ["Host: localhost"])!.Status);
        Assert.Null(Refusal(options, ["Host: localhost", $"Authorization: Bearer {Key}"]));
    }

    [Fact]
    public void Browser_IsAskedForTheKeyAndSendsItAsPassword()
    {
        ApiException refusal = Refusal(Keyed, ["Host: gpu.example", "Accept: text/html,*/*"])!;

        Assert.Equal(401, refusal.Status);
        Assert.StartsWith("Basic realm=", refusal.Challenge, StringComparison.Ordinal);
        Assert.Null(Refusal(Keyed, ["Host: gpu.example", Basic($"anybody:{Key}")]));
        Assert.NotNull(Refusal(Keyed, ["Host: gpu.example", Basic("anybody:op-2")]));
        Assert.NotNull(Refusal(Keyed, ["Host: gpu.example", Basic(Key)]));
        Assert.NotNull(Refusal(Keyed, ["Host: gpu.example", "Authorization: Basic %%%"]));
    }

    [Theory]
    [InlineData("Origin: https://evil.example")]
    [InlineData("Sec-Fetch-Site: cross-site")]
    [InlineData("Sec-Fetch-Site: same-site")]
    public void PasswordThatABrowserKeeps_IsNoneForPagesOfOthers(string header)
    {
        ApiException refusal = Refusal(Keyed, ["Host: gpu.example", "Accept: text/html", header, Basic($"anybody:{Key}")])!;

        Assert.Equal(403, refusal.Status);
    }

    [Fact]
    public void PostWithoutAContentType_WhichNeedsNoPreflight_IsRefused()
    {
        Assert.Equal(415, Refusal(Keyless, ["Host: localhost"], method: "POST")!.Status);
        Assert.Null(Refusal(Keyless, ["Host: localhost", "Content-Type: application/json"], method: "POST"));
    }

    [Fact]
    public void Clients_NeedOneOfTheApiKeys_AndNoneWhenThereIsNone()
    {
        FrontendOptions options = new() { ApiKeys = ["a-1", "b-2"] };

        Assert.Null(Refusal(Keyless, [], audience: Audience.Clients));
        Assert.Null(Refusal(options, ["Authorization: Bearer a-1"], audience: Audience.Clients));
        Assert.Null(Refusal(options, ["Authorization: BEARER b-2"], audience: Audience.Clients));
        Assert.Null(Refusal(options, [], audience: Audience.Clients, method: "OPTIONS"));
        Assert.Null(Refusal(options, [], audience: Audience.Everybody));
    }

    [Theory]
    [InlineData(null, null)]
    [InlineData("a-1", null)]
    [InlineData("Bearer", null)]
    [InlineData("Basic YTphLTE=", null)]
    [InlineData("Bearer a-1b-2", "invalid_api_key")]
    [InlineData("Bearer a-1,b-2", "invalid_api_key")]
    [InlineData("Bearer A-1", "invalid_api_key")]
    public void WithoutARightApiKey_Is401(string? authorization, string? code)
    {
        FrontendOptions options = new() { ApiKeys = ["a-1", "b-2"], AdminKey = Key };

        ApiException refusal = Refusal(options, authorization is null ? [] : [$"Authorization: {authorization}"], audience: Audience.Clients)!;

        Assert.Equal((401, "invalid_request_error", code), (refusal.Status, refusal.Type, refusal.Code));
        Assert.StartsWith("Bearer realm=", refusal.Challenge, StringComparison.Ordinal);
        Assert.DoesNotContain("a-1", refusal.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void KeysOfClientsAndOperators_DoNotOpenEachOthersPaths()
    {
        FrontendOptions options = new() { ApiKeys = ["a-1"], AdminKey = Key };

        Assert.NotNull(Refusal(options, [$"Authorization: Bearer {Key}"], audience: Audience.Clients));
        Assert.NotNull(Refusal(options, ["Host: gpu.example", "Authorization: Bearer a-1"]));
    }

    private static string Basic(string pair) => $"Authorization: Basic {Convert.ToBase64String(Encoding.UTF8.GetBytes(pair))}";

    private static ApiException? Refusal(
        FrontendOptions options, string[] headers, Audience audience = Audience.Operators, IPAddress? from = null, string method = "GET", string protocol = "HTTP/1.1")
    {
        DefaultHttpContext context = new();
        context.Connection.RemoteIpAddress = from ?? IPAddress.Loopback;
        (context.Request.Method, context.Request.Scheme, context.Request.Protocol, context.Request.Path) = (method, "http", protocol, "/admin/drain");
        foreach (string header in headers)
        {
            string[] parts = header.Split(':', 2, StringSplitOptions.TrimEntries);
            context.Request.Headers.Append(parts[0], parts[1]);
        }

        try
        {
            new AccessGuard(options).Check(context, audience);
            return null;
        }
        catch (ApiException refusal)
        {
            return refusal;
        }
    }
}
