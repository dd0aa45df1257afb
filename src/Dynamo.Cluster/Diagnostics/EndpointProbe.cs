using System.Net;
using System.Net.Sockets;
using StackExchange.Redis;

namespace Dynamo.Cluster.Diagnostics;

/// <summary>Asks Redis and NATS servers, and turns what goes wrong into findings. Each call ends within a few times its patience.</summary>
/// <param name="patience">How long each answer may take.</param>
/// <param name="time">This host's clock.</param>
public sealed class EndpointProbe(TimeSpan patience, TimeProvider time)
{
    /// <summary>Asks one Redis server.</summary>
    /// <returns>What it said, or <see langword="null"/> with a finding that says why there is nothing.</returns>
    public async Task<(RedisReading? Reading, Finding? Fault)> RedisAsync(DnsEndPoint endpoint, string tableKey, CancellationToken cancellationToken)
    {
        string subject = $"{endpoint.Host}:{endpoint.Port}";
        TcpAnswer answer = await TcpProbe.ConnectAsync(endpoint.Host, endpoint.Port, patience, time, cancellationToken);
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
            return (await RedisReader.ReadAsync(endpoint, tableKey, patience, time), null);
        }
        catch (RedisConnectionException e) when (e.FailureType == ConnectionFailureType.AuthenticationFailure)
        {
            return (null, Finding.Fail(RedisCheck.Name, subject, "asks for a password", "use a Redis without one (requirepass, user default) on a network of its own"));
        }
        catch (Exception e) when (e is RedisConnectionException or TimeoutException)
        {
            return (null, Finding.Fail(
                RedisCheck.Name,
                subject,
                "something listens there that does not answer as Redis does",
                "check the port in REDIS_ENDPOINTS; if it is Redis, it hangs"));
        }
        catch (Exception e) when (e is RedisException or RedisCommandException)
        {
            return (null, Finding.Fail(RedisCheck.Name, subject, $"refuses a command: {OneLine(e.Message)}", "allow INFO, TIME, HGETALL and PTTL to its default user"));
        }
    }

    /// <summary>Asks a NATS server.</summary>
    public async Task<Finding> NatsAsync(Uri server, CancellationToken cancellationToken)
    {
        const string name = "nats";
        const string without = "without it events travel in grain calls, more slowly";
        TcpAnswer answer = await TcpProbe.ConnectAsync(server.Host, server.Port, patience, time, cancellationToken);
        if (answer != TcpAnswer.Connected)
        {
            return Finding.Fail(name, server.Authority, answer.Describe(), $"start nats-server there, or correct NATS_SERVER (or HEAD_NODE_IP); {without}");
        }

        using CancellationTokenSource deadline = new(patience, time);
        try
        {
            NatsReading reading = await NatsReader.ReadAsync(server, deadline.Token).WaitAsync(cancellationToken);
            string needs = (reading.NeedsAuthentication ? ", asks for credentials" : "") + (reading.NeedsTls ? ", asks for TLS" : "");
            return Finding.Ok(name, server.Authority, $"NATS {reading.Version}, messages of up to {reading.MaxPayload} bytes{needs}");
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

    private static string OneLine(string text) => text.ReplaceLineEndings(" ");
}
