using Dynamo.Frontend.Access;
using Dynamo.Frontend.Admission;
using Microsoft.AspNetCore.Http;

namespace Dynamo.UnitTests.Frontend.Support;

/// <summary>A request that has gone through a gate and runs until the test ends it.</summary>
internal sealed class OpenRequest
{
    private readonly TaskCompletionSource _end = new();
    private readonly FakeRequest _request;
    private readonly Task _answered;

    public OpenRequest(RequestGate gate, bool hasStarted = false, Audience audience = Audience.Clients)
    {
        _request = new FakeRequest("/v1/completions", hasStarted);
        _answered = gate.RunAsync(_request.Context, audience, WaitAsync);
    }

    public bool HasPassed { get; private set; }

    public bool IsCutOff => _request.IsCutOff;

    public HttpResponse Response => _request.Context.Response;

    public Task EndAsync()
    {
        _end.TrySetResult();
        return _answered;
    }

    public Task FailAsync(Exception fault)
    {
        _end.TrySetException(fault);
        return _answered;
    }

    private Task WaitAsync(HttpContext context)
    {
        HasPassed = true;
        return _end.Task;
    }
}
