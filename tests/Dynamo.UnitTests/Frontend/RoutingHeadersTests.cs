using System.Net;
using Dynamo.Protocol.Load;
using Dynamo.Serving.Streams;
using Dynamo.UnitTests.Frontend.Support;
using Xunit;

namespace Dynamo.UnitTests.Frontend;

/// <summary>Dynamo's headers that say where a request may run.</summary>
public sealed class RoutingHeadersTests : FrontendTest
{
    private const string Worker = "x-dynamo-worker-instance-id";

    [Theory]
    [InlineData("a", "a")]
    [InlineData("", "b")]
    public async Task Tenant_WinsOverTheBody(string header, string salt)
    {
        Host.Client.DefaultRequestHeaders.Add("x-tenant-id", header);

        ScriptedSequence sequence = await SeenAsync(() => ChatAsync("\"cache_salt\":\"b\""));

        Assert.Equal(salt, sequence.Spec.CacheSalt);
    }

    [Fact]
    public async Task Worker_WinsOverTheBody()
    {
        Host.Client.DefaultRequestHeaders.Add(Worker, "00000000000000ab");
        Host.Client.DefaultRequestHeaders.Add("x-dynamo-prefill-instance-id", "00000000000000AB");
        Host.Client.DefaultRequestHeaders.Add("x-dynamo-dp-rank", "0");

        ScriptedSequence sequence = await SeenAsync(() => ChatAsync("\"nvext\":{\"backend_instance_id\":5}"));

        Assert.Equal(new WorkerId(0xab), sequence.Spec.Pinned);
    }

    [Theory]
    [InlineData(Worker, "171")]
    [InlineData(Worker, "0000000000000000")]
    [InlineData("x-dynamo-prefill-instance-id", "first")]
    [InlineData("x-dynamo-dp-rank", "1")]
    public async Task Nonsense_IsRefusedNamingTheHeader(string name, string value)
    {
        Host.Client.DefaultRequestHeaders.Add(name, value);

        using HttpResponseMessage response = await ChatAsync();

        Assert.Equal(HttpStatusCode.BadRequest, response.StatusCode);
        Assert.Equal(name, (string)(await JsonAsync(response))["error"]!["param"]!);
    }

    [Fact]
    public async Task LongTenant_IsRefused()
    {
        Host.Client.DefaultRequestHeaders.Add("x-tenant-id", new string('x', 1025));

        using HttpResponseMessage response = await ChatAsync();

        Assert.Equal("'x-tenant-id' must have 1 to 1024 characters, has 1025.", (string)(await JsonAsync(response))["error"]!["message"]!);
    }

    [Fact]
    public async Task PinnedWorkerThatIsNotThere_IsNamed()
    {
        Generator.Admit = static (_, _) => throw new NoWorkerException("No worker is ready.");

        using HttpResponseMessage response = await ChatAsync("\"nvext\":{\"backend_instance_id\":171}");

        Assert.Equal(HttpStatusCode.ServiceUnavailable, response.StatusCode);
        Assert.StartsWith("Worker 00000000000000ab, which the request names, ", (string)(await JsonAsync(response))["error"]!["message"]!);
    }
}
