using System.Runtime.CompilerServices;
using Dynamo.Abstractions;

namespace Dynamo.ClusterTests.Security;

[OpenToClients, Alias("test.IOpenGrain")]
public interface IOpenGrain : IClosedBase
{
    [Alias("Echo")]
    Task<string> EchoAsync(string text);

    [Alias("Count")]
    IAsyncEnumerable<int> CountAsync(int count, CancellationToken cancellationToken = default);

    [Alias("Forever")]
    Task ForeverAsync(CancellationToken cancellationToken);
}

[Alias("test.IClosedBase")]
public interface IClosedBase : IGrainWithIntegerKey
{
    [Alias("Inherited")]
    Task InheritedAsync();
}

[Alias("test.IClosedGrain")]
public interface IClosedGrain : IGrainWithIntegerKey
{
    [Alias("Echo")]
    Task<string> EchoAsync(string text);

    [Alias("Count")]
    IAsyncEnumerable<int> CountAsync(int count, CancellationToken cancellationToken = default);
}

public sealed class ProbeGrain : Grain, IOpenGrain, IClosedGrain
{
    public Task<string> EchoAsync(string text) => Task.FromResult(text);

    public async IAsyncEnumerable<int> CountAsync(int count, [EnumeratorCancellation] CancellationToken cancellationToken = default)
    {
        for (int i = 0; i < count; i++)
        {
            await Task.Yield();
            cancellationToken.ThrowIfCancellationRequested();
            yield return i;
        }
    }

    public Task ForeverAsync(CancellationToken cancellationToken) => Task.Delay(Timeout.Infinite, cancellationToken);

    public Task InheritedAsync() => Task.CompletedTask;
}
