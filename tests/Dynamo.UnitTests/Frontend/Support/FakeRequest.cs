using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;

namespace Dynamo.UnitTests.Frontend.Support;

/// <summary>A request without a server, which knows whether it was cut off.</summary>
internal sealed class FakeRequest : IHttpRequestLifetimeFeature
{
    public FakeRequest(string path, bool hasStarted = false)
    {
        Context.Request.Path = path;
        Context.Features.Set<IHttpRequestLifetimeFeature>(this);
        Context.Features.Set<IHttpResponseFeature>(new Response(hasStarted));
    }

    public DefaultHttpContext Context { get; } = new();

    public bool IsCutOff { get; private set; }

    public CancellationToken RequestAborted { get; set; }

    public void Abort() => IsCutOff = true;

    private sealed class Response(bool hasStarted) : HttpResponseFeature
    {
        public override bool HasStarted => hasStarted;
    }
}
