using System.Net;
using System.Net.Sockets;
using System.Security.Authentication;
using Dynamo.Cluster.Net;
using Dynamo.Cluster.Settings;
using Microsoft.Extensions.Logging.Abstractions;
using NATS.Client.Core;
using StackExchange.Redis;

namespace Dynamo.Diagnostics;

/// <summary>Asks Redis and NATS servers, and turns what goes wrong into findings. Each call ends within a few times its timeout.</summary>
/// <param name="timeout">How long each answer may take.</param>
/// <param name="time">This host's clock.</param>
public sealed class EndpointProbe(TimeSpan timeout, TimeProvider time)
{
    /// <summary>Asks one Redis server.</summary>
    /// <returns>What it said, or <see langword="null"/> with a finding that says why there is nothing.</returns>
    public async Task<(RedisReading? Reading, Finding? Fault)> RedisAsync(DnsEndPoint endpoint, RedisAccess access, string tableKey, CancellationToken cancellationToken)
    {
        string subject = $"{endpoint.Host}:{endpoint.Port}";
        TcpAnswer answer = await TcpProbe.ConnectAsync(endpoint.Host, endpoint.Port, timeout, time, cancellationToken);
        if (answer != TcpAnswer.Connected)
        {
            return (null, Finding.Fail(
                RedisCheck.Name,
                subject,
                answer.Describe(),
                answer == TcpAnswer.Refused
                    ? "start redis-server --appendonly yes there, or correct REDIS_ENDPOINTS (or HEAD_NODE_IP); by default it listens on 127.0.0.1 only, see its 'bind'"
                    : "correct the host in REDIS_ENDPOINTS (or HEAD_NODE_IP), or open the port"));
        }

        try
        {
            return (await RedisReader.ReadAsync(endpoint, access, tableKey, timeout, time), null);
        }
        catch (RedisException e) when (RedisRefusal.Of(e, access) is { } refusal)
        {
            string[] parts = refusal.Split(". ", 2);
            return (null, Finding.Fail(
                RedisCheck.Name, subject, OneLine(parts[0].TrimEnd('.')), parts.Length > 1 ? parts[1].TrimEnd('.') : "allow INFO, TIME, HGETALL and PTTL to its user"));
        }
        catch (Exception e) when (access.Primary is not null && e is (RedisConnectionException or TimeoutException))
        {
            return (null, Finding.Fail(
                RedisCheck.Name, subject, $"names no primary '{access.Primary}' that answers", "start the primary, or correct the Sentinels and serviceName in REDIS_ENDPOINTS"));
        }
        catch (Exception e) when (e is RedisConnectionException or TimeoutException)
        {
            return (null, Finding.Fail(
                RedisCheck.Name,
                subject,
                "something listens there that does not answer as Redis does",
                access.IsEncrypted
                    ? "check the port in REDIS_ENDPOINTS; if it is Redis, it does not speak TLS there (redis:// instead of rediss://), or hangs"
                    : "check the port in REDIS_ENDPOINTS; if it is Redis, it speaks TLS there (rediss:// instead of redis://), or hangs"));
        }
        catch (Exception e) when (e is RedisException or RedisCommandException)
        {
            return (null, Finding.Fail(RedisCheck.Name, subject, $"refuses a command: {OneLine(e.Message)}", "allow INFO, TIME, HGETALL and PTTL to its user"));
        }
    }

    /// <summary>Asks a NATS server.</summary>
    public async Task<Finding> NatsAsync(Uri server, NatsAccess access, CancellationToken cancellationToken)
    {
        const string name = "nats";
        const string without = "without it events travel in grain calls, more slowly";
        TcpAnswer answer = await TcpProbe.ConnectAsync(server.Host, server.Port, timeout, time, cancellationToken);
        if (answer != TcpAnswer.Connected)
        {
            return Finding.Fail(name, server.Authority, answer.Describe(), $"start nats-server there, or correct NATS_SERVER (or HEAD_NODE_IP); {without}");
        }

        using CancellationTokenSource deadline = new(timeout, time);
        try
        {
            NatsReading reading = await NatsReader.ReadAsync(server, deadline.Token).WaitAsync(cancellationToken);
            string needs = (reading.NeedsAuthentication ? ", asks for credentials" : "") + (reading.NeedsTls ? ", asks for TLS" : "");
            bool mayRefuse = reading.NeedsAuthentication || reading.NeedsTls || access.HasCredentials;
            return mayRefuse && await LogInAsync(access) is { } refusal
                ? Finding.Fail(name, server.Authority, $"NATS {reading.Version}{needs}, and {refusal}", $"see docs/security.md, Redis and NATS; {without}")
                : Finding.Ok(name, server.Authority, $"NATS {reading.Version}, messages of up to {reading.MaxPayload} bytes{needs}");
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            return Finding.Fail(name, server.Authority, "something listens there that does not greet as NATS does", "check the port in NATS_SERVER");
        }
        catch (Exception e) when (e is InvalidDataException or IOException or SocketException)
        {
            return Finding.Fail(name, server.Authority, OneLine(e.Message), "check the port in NATS_SERVER");
        }
    }

    // Connects as a silo would.
    private async Task<string?> LogInAsync(NatsAccess access)
    {
        try
        {
            await using NatsConnection connection = new(access.ToOptions() with { ConnectTimeout = timeout, LoggerFactory = NullLoggerFactory.Instance });
            await connection.ConnectAsync().AsTask().WaitAsync(2 * timeout, time);
            return null;
        }
        catch (Exception e) when (e is NatsException or TimeoutException or AuthenticationException)
        {
            return NatsRefusal.Of(e) ?? $"does not let this process in ({OneLine(e.Message)})";
        }
    }

    private static string OneLine(string text) => text.ReplaceLineEndings(" ");
}
