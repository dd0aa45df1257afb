using System.Net;
using System.Text;
using Dynamo.UnitTests.Frontend.Support;
using Xunit;

namespace Dynamo.UnitTests.Frontend;

/// <summary>Events have ids, from which another frontend can go on, for clients that ask for them.</summary>
public sealed class EventIdTests : FrontendTest
{
    [Theory]
    [InlineData("", null, false)]
    [InlineData("", "true", true)]
    [InlineData("", "True", true)]
    [InlineData("", "false", false)]
    [InlineData(",\"nvext\":{\"event_ids\":true}", null, true)]
    [InlineData(",\"nvext\":{\"event_ids\":true}", "", true)]
    [InlineData(",\"nvext\":{\"event_ids\":true}", "false", false)]
    [InlineData(",\"nvext\":{\"event_ids\":false}", "true", true)]
    [InlineData(",\"nvext\":{\"event_ids\":null}", null, false)]
    public async Task Ids_AreThereWhenAskedFor(string fields, string? header, bool areThere)
    {
        Generator.OnStarted = static sequence => sequence.EndTurn();

        using HttpResponseMessage response = await SendAsync(fields, header);

        string[] lines = (await response.Content.ReadAsStringAsync()).Split('\n');
        Assert.Equal(areThere ? ["id: 0", "id: 1e"] : [], lines.Where(static line => line.StartsWith("id:", StringComparison.Ordinal)));
    }

    [Theory]
    [InlineData("", "yes", "x-dynamo-event-ids")]
    [InlineData(",\"nvext\":{\"event_ids\":1}", null, "nvext.event_ids")]
    public async Task AnythingElse_Is400(string fields, string? header, string param)
    {
        using HttpResponseMessage response = await SendAsync(fields, header);

        Assert.Equal(HttpStatusCode.BadRequest, response.StatusCode);
        Assert.Equal(param, (string)(await JsonAsync(response))["error"]!["param"]!);
    }

    private async Task<HttpResponseMessage> SendAsync(string fields, string? header)
    {
        using HttpRequestMessage request = new(HttpMethod.Post, "/v1/chat/completions")
        {
            Content = new StringContent($$"""{"model":"demo","messages":[{"role":"user","content":"Hi"}],"stream":true{{fields}}}""", Encoding.UTF8, "application/json"),
        };
        if (header is not null)
        {
            request.Headers.Add("x-dynamo-event-ids", header);
        }

        return await Host.Client.SendAsync(request);
    }
}
