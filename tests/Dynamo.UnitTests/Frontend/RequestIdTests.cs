using System.Net;
using Dynamo.Frontend.Configuration;
using Dynamo.Serving.Streams;
using Dynamo.UnitTests.Frontend.Support;
using Xunit;

namespace Dynamo.UnitTests.Frontend;

public sealed class RequestIdTests : FrontendTest
{
    protected override FrontendOptions Options => new() { MaxRequestBodyBytes = 100 };

    [Theory]
    [InlineData("GET", "/v1/models", 200)]
    [InlineData("GET", "/health", 200)]
    [InlineData("GET", "/metrics", 200)]
    [InlineData("GET", "/ping", 200)]
    [InlineData("GET", "/nothing", 404)]
    [InlineData("GET", "/v1/models/nobody", 404)]
    [InlineData("GET", "/v1/streams/nothing", 404)]
    [InlineData("GET", "/v1/completions", 405)]
    [InlineData("GET", "/admin/routing/decisions/chatcmpl-0", 404)]
    [InlineData("GET", "/host/page", 200)]
    [InlineData("GET", "/host/broken", 500)]
    [InlineData("HEAD", "/health", 200)]
    public async Task ClientsId_ComesBackOnEveryPath(string method, string path, int status)
    {
        using HttpRequestMessage request = new(new HttpMethod(method), path) { Headers = { { "X-Request-Id", "trial-7f3a" } } };

        using HttpResponseMessage response = await Host.Client.SendAsync(request);

        Assert.Equal(status, (int)response.StatusCode);
        Assert.Equal("trial-7f3a", IdOf(response));
    }

    [Theory]
    [InlineData("")]
    [InlineData("\"stream\":true")]
    public async Task ClientsId_ComesBackWithAnswers(string fields)
    {
        Generator.OnStarted = static sequence => sequence.EndTurn();
        Host.Client.DefaultRequestHeaders.Add("X-Request-Id", "trial-7f3a");

        using HttpResponseMessage response = await CompleteAsync(fields);

        Assert.Equal("trial-7f3a", IdOf(response));
    }

    [Fact]
    public async Task ClientsId_ComesBackWithRefusals()
    {
        Host.Client.DefaultRequestHeaders.Add("X-Request-Id", "trial-7f3a");
        Generator.Admit = static (_, _) => throw new NoWorkerException("nobody is there");

        using HttpResponseMessage unavailable = await CompleteAsync();
        using HttpResponseMessage bad = await CompleteAsync("\"n\":0");
        using HttpResponseMessage large = await CompleteAsync($"\"user\":\"{new string('x', 100)}\"");

        Assert.Equal([503, 400, 413], new[] { unavailable, bad, large }.Select(static response => (int)response.StatusCode));
        Assert.All([unavailable, bad, large], static response => Assert.Equal("trial-7f3a", IdOf(response)));
    }

    [Fact]
    public async Task WithoutOne_AnswersHaveTheResponsesAndOthersAFreshOne()
    {
        Generator.OnStarted = static sequence => sequence.EndTurn();

        using HttpResponseMessage answer = await CompleteAsync();
        using HttpResponseMessage models = await Host.Client.GetAsync("/v1/models");
        using HttpResponseMessage nothing = await Host.Client.GetAsync("/nothing");

        Assert.Equal((string)(await JsonAsync(answer))["id"]!, IdOf(answer));
        Assert.StartsWith("req-", IdOf(models), StringComparison.Ordinal);
        Assert.NotEqual(IdOf(models), IdOf(nothing));
    }

    [Theory]
    [InlineData("two words")]
    [InlineData("")]
    [InlineData("tab\there")]
    [InlineData("TOO LONG")]
    public async Task IdThatIsNone_IsNotRepeated(string id)
    {
        using HttpRequestMessage request = new(HttpMethod.Get, "/v1/models");
        request.Headers.TryAddWithoutValidation("X-Request-Id", id == "TOO LONG" ? new string('x', 257) : id);

        using HttpResponseMessage response = await Host.Client.SendAsync(request);

        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
        Assert.StartsWith("req-", IdOf(response), StringComparison.Ordinal);
    }

    [Fact]
    public async Task UnforeseenFailureOfTheHost_Is500WithoutDetails()
    {
        using HttpResponseMessage response = await Host.Client.GetAsync("/host/broken");

        Assert.Equal("internal_error", (string)(await JsonAsync(response))["error"]!["code"]!);
        Assert.DoesNotContain("secret", await response.Content.ReadAsStringAsync(), StringComparison.Ordinal);
    }

    private static string IdOf(HttpResponseMessage response) => response.Headers.GetValues("x-request-id").Single();
}
