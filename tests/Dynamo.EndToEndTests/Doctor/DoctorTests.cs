using System.Net;
using System.Net.Sockets;
using System.Text.Json.Nodes;
using Xunit;

namespace Dynamo.EndToEndTests.Doctor;

public sealed class DoctorTests
{
    [Theory]
    [InlineData(null, "FAIL environment cluster: no cluster is named: set REDIS_ENDPOINTS=host:6379")]
    [InlineData("10.0.0.1:2379", "FAIL environment cluster: ETCD_ENDPOINTS is '10.0.0.1:2379', but this cluster keeps its members in Redis, not etcd.")]
    public async Task NoRedisNamed_SaysWhatToSet(string? etcd, string expected)
    {
        await using Scene scene = new();

        (int exitCode, string output) = await scene.DoctorAsync(new Dictionary<string, string?> { ["REDIS_ENDPOINTS"] = null, ["ETCD_ENDPOINTS"] = etcd });

        Assert.Equal(1, exitCode);
        Assert.Contains(expected, output);
        Assert.EndsWith("1 failed, 0 warned\n", output);
    }

    [Fact]
    public async Task NothingThereOrNothingThatTalks_IsNamedAndEnds()
    {
        await using Scene scene = new();
        using TcpListener mute = new(IPAddress.Loopback, 0);
        mute.Start();
        int port = ((IPEndPoint)mute.LocalEndpoint).Port;
        Dictionary<string, string?> variables = new() { ["REDIS_ENDPOINTS"] = $"127.0.0.1:{scene.RedisPort},127.0.0.1:{port}", ["NATS_SERVER"] = $"nats://127.0.0.1:{port}" };

        (int exitCode, string output) = await scene.DoctorAsync(variables, "--timeout", "0.5", "--advertise-host", "192.0.2.77", "--model", "/no/such/folder");

        Assert.Equal(1, exitCode);
        Assert.Contains($"FAIL redis       127.0.0.1:{scene.RedisPort}: connection refused: the host is up and nothing listens on this port -> start redis-server --appendonly yes", output);
        Assert.Contains($"FAIL redis       127.0.0.1:{port}: something listens there that does not answer as Redis does", output);
        Assert.Contains($"FAIL nats        127.0.0.1:{port}: something listens there that does not greet as NATS does -> check the port in NATS_SERVER", output);
        Assert.Contains("FAIL address     192.0.2.77: is on no interface of this host", output);
        Assert.Contains("FAIL folder      /no/such/folder: there is no such folder", output);
    }

    [Theory]
    [InlineData("--timeout 0", "--timeout must be 0.1 to 60 seconds, is 0.")]
    [InlineData("--http-port 70000 --silo-port 0", "--http-port must be 1 to 65535, is 70000. --silo-port must be 1 to 65535, is 0.")]
    public async Task WrongFlags_AreOneLine(string arguments, string expected)
    {
        await using Scene scene = new();

        (int exitCode, string output) = await scene.DoctorAsync(null, arguments.Split(' '));

        Assert.Equal((1, $"dynamo: {expected}\n"), (exitCode, output));
    }

    [ServersFact]
    public async Task ServersWithPasswords_AreToldFromThoseThatDoNotAnswer()
    {
        await using Scene scene = new();
        await scene.StartRedisAsync(isDurable: true, "--requirepass", "hush");
        await scene.StartNatsAsync("--user", "me", "--pass", "hush");

        (int exitCode, string output) = await scene.DoctorAsync(new Dictionary<string, string?> { ["REDIS_ENDPOINTS"] = $"redis://:wrong@127.0.0.1:{scene.RedisPort}" });

        Assert.Equal(1, exitCode);
        Assert.Contains($"FAIL redis       127.0.0.1:{scene.RedisPort}: it refuses the password given for its default user -> Give user and password in REDIS_ENDPOINTS", output);
        Assert.Matches($"FAIL nats        127.0.0.1:{scene.NatsPort}: NATS [0-9.]+, asks for credentials, and refuses the credentials given, or asks for some", output);
        Assert.DoesNotContain("wrong", output);

        Dictionary<string, string?> right = new() { ["REDIS_ENDPOINTS"] = $"redis://:hush@127.0.0.1:{scene.RedisPort}", ["NATS_SERVER"] = $"nats://me:hush@127.0.0.1:{scene.NatsPort}" };
        (exitCode, output) = await scene.DoctorAsync(right);

        Assert.True(exitCode == 0, output);
        Assert.Contains($"ok   redis       127.0.0.1:{scene.RedisPort}: Redis ", output);
        Assert.Matches($"ok   nats        127.0.0.1:{scene.NatsPort}: NATS [0-9.]+, .*, asks for credentials", output);
        Assert.DoesNotContain("hush", output);
    }

    [ServersFact]
    public async Task RedisThatForgets_AndAPortThatIsTaken_AreToldAsData()
    {
        await using Scene scene = new();
        await scene.StartRedisAsync(isDurable: false);
        await scene.StartNatsAsync();

        (int exitCode, string output) = await scene.DoctorAsync(null, "--json", "--http-port", $"{scene.NatsPort}");

        JsonNode report = JsonNode.Parse(output)!;
        Assert.Equal(1, exitCode);
        Assert.Equal((1, 2), ((int)report["failures"]!, (int)report["warnings"]!));
        JsonObject[] findings = [.. report["findings"]!.AsArray().Select(static finding => finding!.AsObject())];
        JsonObject port = Single("fail", "port");
        Assert.Equal($"--http-port {scene.NatsPort}", (string?)port["subject"]);
        Assert.EndsWith("(nats-server)", (string?)port["value"]);
        Assert.Equal(
            $"redis-cli -h 127.0.0.1 -p {scene.RedisPort} config set appendonly yes; to keep it so, start it with --appendonly yes",
            (string?)Single("warn", "redis")["advice"]);
        Assert.Equal("no silo is active in this cluster", (string?)Single("warn", "member")["value"]);
        Assert.StartsWith("NATS ", (string?)Single("ok", "nats")["value"]);

        JsonObject Single(string status, string check) => Assert.Single(findings, finding => (string?)finding["status"] == status && (string?)finding["check"] == check);
    }
}
