using System.Net;
using Dynamo.Cluster.Settings;
using Dynamo.Diagnostics;
using Dynamo.Security;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Orleans.Configuration;

namespace Dynamo.Cli.Doctor;

/// <summary>Asks a cluster how it is, as an Orleans client.</summary>
internal static class DiagnosisClient
{
    // A member that hangs costs the grain 2 s for members and 2 s for models.
    private static readonly TimeSpan AnswerLimit = TimeSpan.FromSeconds(5);

    /// <summary>Connects, asks and disconnects.</summary>
    /// <param name="gateways">Gateways that answered.</param>
    /// <param name="settings">The cluster, with its key.</param>
    /// <param name="self">Where this process listens for members, or <see langword="null"/>.</param>
    /// <param name="timeout">How long connecting may take, twice.</param>
    /// <param name="time">Clock of the limits.</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <exception cref="TimeoutException">No answer in time.</exception>
    public static async Task<ClusterDiagnosis> AskAsync(
        IPEndPoint[] gateways, ClusterSettings settings, IPEndPoint? self, TimeSpan timeout, TimeProvider time, CancellationToken cancellationToken)
    {
        HostApplicationBuilder builder = Host.CreateEmptyApplicationBuilder(new HostApplicationBuilderSettings { ApplicationName = "dynamo doctor" });
        builder.UseOrleansClient(client =>
        {
            client.UseStaticClustering(gateways);
            client.Configure<ClusterOptions>(options => (options.ClusterId, options.ServiceId) = (settings.ClusterId, RedisOptions.ServiceId));
            client.UseDynamoClusterKey(settings.Key ?? throw new ArgumentException("The cluster's key is not known yet.", nameof(settings)));
            client.Configure<ClientMessagingOptions>(static options => options.ResponseTimeout = AnswerLimit);
        });
        builder.Services.Configure<HostOptions>(options => options.ShutdownTimeout = timeout);
        using IHost host = builder.Build();
        await host.StartAsync(cancellationToken).WaitAsync(2 * timeout, time, cancellationToken);
        try
        {
            IDiagnosticsGrain grain = host.Services.GetRequiredService<IClusterClient>().GetGrain<IDiagnosticsGrain>(0);
            return await grain.ExamineAsync(self, cancellationToken).WaitAsync(AnswerLimit, time, cancellationToken);
        }
        finally
        {
            await host.StopAsync(CancellationToken.None).WaitAsync(2 * timeout, time, CancellationToken.None);
        }
    }
}
