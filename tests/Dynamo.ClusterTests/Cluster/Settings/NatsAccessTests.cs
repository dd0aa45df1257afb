using Dynamo.Cluster.Planes;
using Dynamo.Cluster.Settings;
using Dynamo.ClusterTests.Cluster.Events;
using Dynamo.ClusterTests.Security;
using Dynamo.ClusterTests.Support;
using Dynamo.Diagnostics;
using Xunit;

namespace Dynamo.ClusterTests.Cluster.Settings;

/// <summary>What a process says to a real NATS that asks who it is, and what it says of one that does not let it in.</summary>
public sealed class NatsAccessTests
{
    private const string Refused = "refuses the credentials given, or asks for some: check user and password or token in NATS_SERVER, or NATS_AUTH_USERNAME";

    [NatsTheory]
    [InlineData("nats://me:mine@SERVER", true)]
    [InlineData("SERVER", true, "NATS_AUTH_USERNAME=me", "NATS_AUTH_PASSWORD=mine")]
    [InlineData("SERVER", false)]
    [InlineData("nats://me:secret@SERVER", false)]
    [InlineData("nats://secret@SERVER", false)]
    public async Task UserAndPassword(string servers, bool isIn, params string[] variables)
    {
        await using NatsServer server = await NatsServer.StartAsync("--user", "me", "--pass", "mine");

        await AssertAsync(isIn ? null : Refused, Access(server, servers, variables));
    }

    [NatsTheory]
    [InlineData("nats://to%2Fken@SERVER", true)]
    [InlineData("SERVER", true, "NATS_AUTH_TOKEN=to/ken")]
    [InlineData("SERVER", false)]
    [InlineData("nats://secret@SERVER", false)]
    public async Task Token(string servers, bool isIn, params string[] variables)
    {
        await using NatsServer server = await NatsServer.StartAsync("--auth", "to/ken");

        await AssertAsync(isIn ? null : Refused, Access(server, servers, variables));
    }

    [NatsFact]
    public async Task CredentialsFile()
    {
        using NatsCredentials credentials = new();
        await using NatsServer server = await NatsServer.StartAsync("--config", credentials.ServerFile);

        await AssertAsync(null, Access(server, "SERVER", $"NATS_AUTH_CREDENTIALS_FILE={credentials.UserFile}"));
        await AssertAsync(Refused, Access(server, "SERVER", $"NATS_AUTH_CREDENTIALS_FILE={credentials.StrangerFile}"));
        await AssertAsync(Refused, Access(server, "SERVER"));
    }

    [NatsFact]
    public async Task Tls()
    {
        using TestCertificates certificates = new();
        await using NatsServer server = await NatsServer.StartAsync(certificates.NatsFlags);
        string[] client = [$"NATS_CERT_FILE={certificates.CertFile}", $"NATS_KEY_FILE={certificates.KeyFile}"];

        await AssertAsync(null, Access(server, "tls://SERVER", [$"NATS_CA_FILE={certificates.AuthorityFile}", .. client]));
        await AssertAsync("is not trusted (", Access(server, "tls://SERVER", client));
    }

    [NatsFact]
    public async Task Link_ThatIsNotLetIn_SaysSoOnce_AndThatEventsTravelOtherwise()
    {
        await using NatsServer server = await NatsServer.StartAsync("--user", "me", "--pass", "mine");
        LineLogger<NatsLink> log = new();
        NatsLink link = new(Access(server, "nats://me:secret@SERVER"), TimeProvider.System, log);

        await link.StartAsync(CancellationToken.None);
        await UntilAsync(() => link.Faults.Count > 0 && link.Faults[0].Contains(Refused, StringComparison.Ordinal));
        await link.StopAsync(CancellationToken.None);

        Assert.Equal($"NATS at {server.Url.Authority} {Refused}, NATS_AUTH_PASSWORD, NATS_AUTH_TOKEN, NATS_AUTH_CREDENTIALS_FILE: KV events and load travel in grain calls meanwhile.", link.Faults[0]);
        Assert.DoesNotContain(log.Lines, static line => line.Contains("secret", StringComparison.Ordinal));
    }

    private static NatsAccess Access(NatsServer server, string servers, params string[] variables)
    {
        Dictionary<string, string> environment = variables.Select(static variable => variable.Split('=', 2)).ToDictionary(static pair => pair[0], static pair => pair[1]);
        List<string> faults = [];
        NatsAccess? access = new NatsAddressReader(environment.GetValueOrDefault, faults).Read(servers.Replace("SERVER", server.Url.Authority, StringComparison.Ordinal), "NATS_SERVER");
        Assert.Empty(faults);
        return access!;
    }

    // As the doctor has it, which connects as a silo does.
    private static async Task AssertAsync(string? refusal, NatsAccess access)
    {
        Finding finding = await new EndpointProbe(TimeSpan.FromSeconds(30), TimeProvider.System).NatsAsync(access.First, access, CancellationToken.None);

        Assert.Equal(refusal is null ? FindingStatus.Ok : FindingStatus.Failure, finding.Status);
        Assert.Contains(refusal ?? "NATS ", finding.Value);
        Assert.DoesNotContain("secret", finding.Value + finding.Advice);
    }

    private static async Task UntilAsync(Func<bool> isTrue)
    {
        using CancellationTokenSource deadline = new(TimeSpan.FromSeconds(30));
        using PeriodicTimer timer = new(TimeSpan.FromMilliseconds(5));
        while (!isTrue())
        {
            await timer.WaitForNextTickAsync(deadline.Token);
        }
    }
}
