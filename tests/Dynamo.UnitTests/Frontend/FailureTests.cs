using System.Net;
using System.Text.Json.Nodes;
using Dynamo.Protocol.Frames;
using Dynamo.Serving.Streams;
using Dynamo.UnitTests.Frontend.Support;
using Xunit;

namespace Dynamo.UnitTests.Frontend;

/// <summary>What clients are told when the cluster cannot answer.</summary>
public sealed class FailureTests : FrontendTest
{
    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task NoWorker_Is503AndSaysWhenToComeBack(bool stream)
    {
        Generator.Admit = static (_, _) => throw new NoWorkerException("nobody is there");

        using HttpResponseMessage response = await ChatAsync(stream ? "\"stream\":true" : "");

        Assert.Equal(HttpStatusCode.ServiceUnavailable, response.StatusCode);
        Assert.Equal("1", response.Headers.GetValues("Retry-After").Single());
        Assert.Equal(
            """{"error":{"message":"nobody is there","type":"service_unavailable","param":null,"code":"no_worker"}}""", await response.Content.ReadAsStringAsync());
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Overloaded_Is529AndSaysWhenToComeBack(bool stream)
    {
        Generator.Admit = static (_, _) => throw new OverloadedException("all busy", TimeSpan.FromMilliseconds(2100));

        using HttpResponseMessage response = await ChatAsync(stream ? "\"stream\":true" : "");

        Assert.Equal(529, (int)response.StatusCode);
        Assert.Equal("3", response.Headers.GetValues("Retry-After").Single());
        Assert.Equal(
            """{"error":{"message":"all busy","type":"service_unavailable","param":null,"code":"overloaded"}}""", await response.Content.ReadAsStringAsync());
    }

    [Fact]
    public async Task RequestRefused_Is400AndNamesTheParameter()
    {
        Generator.Admit = static (_, _) => throw new RequestRefusedException("prompt", "too large for the pool");

        using HttpResponseMessage response = await ChatAsync();

        Assert.Equal(HttpStatusCode.BadRequest, response.StatusCode);
        Assert.Equal(
            """{"error":{"message":"too large for the pool","type":"invalid_request_error","param":"prompt","code":null}}""", await response.Content.ReadAsStringAsync());
    }

    [Fact]
    public async Task UnforeseenFailure_Is500WithoutDetails()
    {
        Generator.Admit = static (_, _) => throw new InvalidOperationException("secret path /etc");

        using HttpResponseMessage response = await ChatAsync();

        Assert.Equal(HttpStatusCode.InternalServerError, response.StatusCode);
        Assert.DoesNotContain("secret", await response.Content.ReadAsStringAsync(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task EngineFails_WholeAnswer_Is500AndTheOthersAreAborted()
    {
        Task<HttpResponseMessage> asking = ChatAsync("\"n\":2");
        ScriptedSequence first = await Generator.NextAsync();
        ScriptedSequence second = await Generator.NextAsync();
        first.Emit([], FinishReason.Error, error: "secret");

        using HttpResponseMessage response = await asking;

        Assert.Equal(HttpStatusCode.InternalServerError, response.StatusCode);
        Assert.Equal("server_error", (string)(await JsonAsync(response))["error"]!["type"]!);
        await second.Disposed;
    }

    [Theory]
    [InlineData("error")]
    [InlineData("aborted")]
    [InlineData("ends without an end")]
    [InlineData("throws")]
    public async Task SequenceFails_InAStream_IsAnErrorEventThenDone(string how)
    {
        using HttpResponseMessage response = await ChatAsync("\"stream\":true,\"stream_options\":{\"include_usage\":true}");
        ScriptedSequence sequence = await Generator.NextAsync();
        sequence.Emit("4");
        switch (how)
        {
            case "error":
                sequence.Emit([], FinishReason.Error, error: "secret");
                break;
            case "aborted":
                sequence.Emit([], FinishReason.Aborted);
                break;
            default:
                sequence.Break(how == "throws" ? new InvalidOperationException("secret") : null);
                break;
        }

        await using EventReader events = new(response);
        List<JsonNode> chunks = await events.RestAsync();

        Assert.Equal("4", (string)chunks[1]["choices"]![0]!["delta"]!["content"]!);
        JsonObject error = chunks[2]["error"]!.AsObject();
        Assert.Equal(["message", "type", "param", "code"], error.Select(static property => property.Key));
        Assert.Equal("server_error", (string)error["type"]!);
        Assert.DoesNotContain("secret", error.ToJsonString(), StringComparison.Ordinal);
        Assert.Equal(3, chunks.Count);
        await sequence.Disposed;
    }

    [Fact]
    public async Task OneChoiceFails_InAStream_TheOthersAreAborted()
    {
        using HttpResponseMessage response = await ChatAsync("\"stream\":true,\"n\":2");
        ScriptedSequence first = await Generator.NextAsync();
        ScriptedSequence second = await Generator.NextAsync();
        first.Emit([], FinishReason.Error, error: "broken");
        await using EventReader events = new(response);

        Assert.NotNull(Assert.Single(await events.RestAsync())["error"]);
        await second.Disposed;
    }
}
