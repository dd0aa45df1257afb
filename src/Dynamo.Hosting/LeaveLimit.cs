namespace Dynamo.Hosting;

/// <summary>
/// Ends a process whose silo cannot leave: Orleans writes its farewell to the membership table over and over, which never ends while Redis has
/// lost the table. By then requests have gone elsewhere, so nothing is lost. Registered behind the silo, so it is stopped just before it.
/// </summary>
internal sealed class LeaveLimit : IHostedService
{
    /// <summary>How long leaving may take.</summary>
    public static readonly TimeSpan Timeout = TimeSpan.FromSeconds(15);

    public Task StartAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StopAsync(CancellationToken cancellationToken)
    {
        _ = EndAsync();
        return Task.CompletedTask;
    }

    private static async Task EndAsync()
    {
        await Task.Delay(Timeout);
        Console.Error.WriteLine($"dynamo: could not take leave of the cluster within {Timeout.TotalSeconds:0} s (is Redis there, and does it still have the members?); ending without.");
        Environment.Exit(0);
    }
}
