using Dynamo.Abstractions.Routing;
using Dynamo.Abstractions.Serving;
using Dynamo.Cluster.Planes;
using Dynamo.ClusterTests.Support;
using Dynamo.Protocol.Load;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Time.Testing;
using Xunit;

namespace Dynamo.ClusterTests.Cluster.Events;

public sealed class GrainCallPlaneTests
{
    private static readonly TimeSpan LongEnough = TimeSpan.FromSeconds(10);

    private readonly FakeTimeProvider _time = new();
    private readonly List<TaskCompletionSource> _calls = [];
    private readonly GrainCallPlane _plane;

    public GrainCallPlaneTests()
    {
        IRouterGrain router = Stub.Of<IRouterGrain>((_, _) =>
        {
            _calls.Add(new TaskCompletionSource());
            return _calls[^1].Task;
        });
        _plane = new GrainCallPlane(Stub.Of<IGrainFactory>((_, _) => router), _time, NullLogger<GrainCallPlane>.Instance);
    }

    [Fact]
    public async Task TryPublish_RouterAnswers_IsTaken()
    {
        Task<bool> publishing = PublishAsync(1);
        _calls.Single().SetResult();

        Assert.True(await publishing);
    }

    [Fact]
    public async Task TryPublish_RouterIsSlow_IsNotCalledAgainBeforeItHasAnswered()
    {
        Task<bool> first = PublishAsync(1);
        _time.Advance(LongEnough);
        Assert.False(await first);

        Task<bool> second = PublishAsync(1);
        _time.Advance(LongEnough);
        Assert.False(await second);
        Task<bool> third = PublishAsync(1);
        Assert.Single(_calls);

        // That was the first batch; the publisher offers all that came since.
        _calls[0].SetResult();
        Assert.False(await third);
        Task<bool> fourth = PublishAsync(1);
        _calls[1].SetResult();
        Assert.True(await fourth);
    }

    [Fact]
    public async Task TryPublish_RouterIsLost_IsCalledAgain()
    {
        Task<bool> first = PublishAsync(1);
        _calls[0].SetException(new SiloUnavailableException("gone"));
        Assert.False(await first);

        Task<bool> second = PublishAsync(1);
        _calls[1].SetResult();
        Assert.True(await second);
    }

    [Fact]
    public async Task TryPublish_OneWorkersCallIsLate_AnotherDoesNotWaitForIt()
    {
        Task<bool> first = PublishAsync(1);
        _time.Advance(LongEnough);
        Assert.False(await first);

        Task<bool> other = PublishAsync(2);
        _calls[1].SetResult();
        Assert.True(await other);
    }

    private Task<bool> PublishAsync(ulong worker) => _plane.TryPublishAsync("m", new WorkerId(worker), new WireMessage([]), CancellationToken.None).AsTask();
}
