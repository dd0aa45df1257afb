using Dynamo.Serving.Generation;
using Microsoft.Extensions.Hosting;

namespace Dynamo.Frontend.Admission;

/// <summary>Lets requests finish before the silo leaves, and ends those that do not. Stopped after the workers of its process, on which they may run.</summary>
internal sealed class RequestDrainer(RequestGate gate, IFrontendPeers peers, IHostApplicationLifetime lifetime, TimeSpan grace, TimeProvider time) : IHostedService
{
    private static readonly TimeSpan Interval = TimeSpan.FromMilliseconds(20);

    // For what is left to be said, by a client that reads.
    private static readonly TimeSpan LastWord = TimeSpan.FromSeconds(1);

    private long _leavingSince;

    public Task StartAsync(CancellationToken cancellationToken)
    {
        lifetime.ApplicationStopping.Register(() => _leavingSince = time.GetTimestamp());
        return Task.CompletedTask;
    }

    public async Task StopAsync(CancellationToken cancellationToken)
    {
        if (await IsIdleWithinAsync(_leavingSince, grace, cancellationToken))
        {
            return;
        }

        gate.End(peers.Any);
        if (!await IsIdleWithinAsync(time.GetTimestamp(), LastWord, CancellationToken.None))
        {
            gate.Abort();
        }
    }

    private async Task<bool> IsIdleWithinAsync(long start, TimeSpan limit, CancellationToken cancellationToken)
    {
        while (gate.NumRunning > 0)
        {
            if (time.GetElapsedTime(start) >= limit || cancellationToken.IsCancellationRequested)
            {
                return false;
            }

            await Task.Delay(Interval, time, CancellationToken.None);
        }

        return true;
    }
}
