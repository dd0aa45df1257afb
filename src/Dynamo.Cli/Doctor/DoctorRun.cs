using System.Net;
using System.Net.NetworkInformation;
using System.Runtime.CompilerServices;
using Dynamo.Cluster.Settings;
using Dynamo.Diagnostics;

namespace Dynamo.Cli.Doctor;

/// <summary>All checks, from the host outwards: each one only once what it needs was found. Nothing waits longer than a few times the timeout.</summary>
internal sealed class DoctorRun(DoctorOptions options, TimeProvider time)
{
    /// <summary>Looks, and yields findings as they come.</summary>
    public async IAsyncEnumerable<Finding> RunAsync([EnumeratorCancellation] CancellationToken cancellationToken)
    {
        // Started first: loading libtorch takes the longest.
        Task<Finding[]> library = LibraryCheck.FindingsAsync(options.Timeout, time);
        foreach (Finding finding in HostCheck.Findings(options))
        {
            yield return finding;
        }

        ClusterSettingsReader reader = new(Environment.GetEnvironmentVariable);
        ClusterSettings settings = reader.Read(options.AdvertiseHost, siloPort: 1, gatewayPort: null, options.KeyFile);
        foreach (string fault in reader.Faults)
        {
            yield return Finding.Fail("environment", "cluster", fault, "correct it, then look again");
        }

        if (reader.Faults.Count == 0)
        {
            await foreach (Finding finding in ClusterAsync(settings, cancellationToken))
            {
                yield return finding;
            }
        }

        foreach (Finding finding in await library)
        {
            yield return finding;
        }
    }

    private async IAsyncEnumerable<Finding> ClusterAsync(ClusterSettings settings, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        foreach (Finding finding in EnvironmentCheck.Findings(Environment.GetEnvironmentVariable, settings).Concat(AddressCheck.Findings(settings, OwnAddresses())))
        {
            yield return finding;
        }

        string tableKey = MembershipRow.TableKey(settings.ClusterId);
        EndpointProbe probe = new(options.Timeout, time);
        Task<Finding>? nats = settings.Nats is { } access ? probe.NatsAsync(access.First, access, cancellationToken) : null;
        (DnsEndPoint Endpoint, Task<(RedisReading? Reading, Finding? Fault)> Answer)[] asked =
            [.. settings.Redis.Select(endpoint => (endpoint, probe.RedisAsync(endpoint, settings.RedisAccess, tableKey, cancellationToken)))];
        (DnsEndPoint Endpoint, RedisReading Reading)? first = null;
        foreach ((DnsEndPoint endpoint, Task<(RedisReading? Reading, Finding? Fault)> answer) in asked)
        {
            (RedisReading? reading, Finding? fault) = await answer;
            if (fault is not null)
            {
                yield return fault;
            }

            if (reading is not null)
            {
                first ??= (endpoint, reading);
                foreach (Finding finding in RedisCheck.Findings(endpoint.Host, endpoint.Port, tableKey, reading))
                {
                    yield return finding;
                }
            }
        }

        if (nats is not null)
        {
            yield return await nats;
        }

        if (first is { } table)
        {
            await foreach (Finding finding in MembersAsync(settings, table.Endpoint, table.Reading, tableKey, cancellationToken))
            {
                yield return finding;
            }
        }
    }

    private async IAsyncEnumerable<Finding> MembersAsync(
        ClusterSettings settings, DnsEndPoint redis, RedisReading table, string tableKey, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        foreach (string row in table.UnreadableRows)
        {
            yield return Finding.Fail("member", row, $"is no membership row as this version writes it, in {tableKey}", "find out what else writes to this Redis");
        }

        string removal = $"redis-cli -h {redis.Host} -p {redis.Port} hdel {tableKey}";
        foreach (Finding finding in MembershipCheck.Findings(table.Rows, table.Time, removal))
        {
            yield return finding;
        }

        await foreach (Finding finding in new MeshProbe(options.Timeout, time).FindingsAsync(settings, table.Rows, cancellationToken))
        {
            yield return finding;
        }
    }

    private static (string Interface, IPAddress Address)[] OwnAddresses() =>
        [.. from network in NetworkInterface.GetAllNetworkInterfaces()
            where network.OperationalStatus is OperationalStatus.Up or OperationalStatus.Unknown
            from address in network.GetIPProperties().UnicastAddresses
            select (network.Name, address.Address)];
}
