using System.Globalization;
using System.Net;
using System.Net.Http.Headers;
using System.Net.Http.Json;
using System.Text.Json.Nodes;

namespace Dynamo.EndToEndTests.Faults;

/// <summary>
/// A cluster of real processes with a Redis and a NATS of its own, on the loopback address or each process on a machine of its own
/// (<see cref="NetworkNamespaces"/>). All are killed by pid when it is disposed of.
/// </summary>
internal sealed class FaultCluster : IAsyncDisposable
{
    private const string AdminKey = "faults";
    private const int MaxLineLength = 240;

    private readonly NetworkNamespaces? _network;
    private readonly List<Host> _workerHosts = [];
    private readonly HttpClient _http = new() { Timeout = TimeSpan.FromSeconds(10) };

    private FaultCluster(Subject subject, int numFrontends, int numWorkers, NetworkNamespaces? network)
    {
        Subject = subject;
        _network = network;
        _http.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", AdminKey);
        Host store = NewHost();
        Redis = new RedisServer(store.Address, store.Network);
        Nats = new NatsServer(store.Address, store.Network);
        Frontends = [.. Enumerable.Range(0, numFrontends).Select(CreateFrontend)];
        Workers = [.. Enumerable.Range(0, numWorkers).Select(CreateWorker)];
    }

    /// <summary>What its workers are.</summary>
    public Subject Subject { get; }

    /// <summary>Holds its members.</summary>
    public RedisServer Redis { get; }

    /// <summary>Carries its events.</summary>
    public NatsServer Nats { get; }

    /// <summary>Frontends; each keeps its address through restarts.</summary>
    public IReadOnlyList<ClusterNode> Frontends { get; }

    /// <summary>Workers.</summary>
    public IReadOnlyList<ClusterNode> Workers { get; }

    /// <summary>Where the frontends serve.</summary>
    public IReadOnlyList<Uri> Addresses { get; private set; } = [];

    private string[] WorkerAddresses { get; set; } = [];

    private Dictionary<string, string> Environment => new()
    {
        ["REDIS_ENDPOINTS"] = Redis.EndPoint,
        ["NATS_SERVER"] = Nats.Url,
        ["DYN_NAMESPACE"] = "faults",
        ["DYN_ADMIN_KEY"] = AdminKey,
    };

    /// <summary>Starts everything and waits until all of it serves.</summary>
    /// <param name="subject">What the workers are.</param>
    /// <param name="numFrontends">How many frontends.</param>
    /// <param name="numWorkers">How many workers.</param>
    /// <param name="network">Gives each process a machine of its own; belongs to the cluster from now on.</param>
    public static async Task<FaultCluster> StartAsync(Subject subject, int numFrontends = 2, int numWorkers = 3, NetworkNamespaces? network = null)
    {
        FaultCluster cluster = new(subject, numFrontends, numWorkers, network);
        try
        {
            await cluster.Redis.StartAsync();
            await cluster.Nats.StartAsync();
            await cluster.HealAsync();
            return cluster;
        }
        catch (Exception e)
        {
            string logs = cluster.Logs();
            await cluster.DisposeAsync();
            throw new InvalidOperationException($"The cluster did not start: {e.Message}\n{logs}", e);
        }
    }

    /// <summary>Starts a process in each place that has none, and waits until all serve.</summary>
    public async Task HealAsync()
    {
        // Frontends first: a worker that finds none says so and tries again, which only takes longer.
        await Task.WhenAll(Frontends.Where(static node => !node.IsAlive).Select(static node => node.StartAsync()));
        await Task.WhenAll(Workers.Where(static node => !node.IsAlive).Select(static node => node.StartAsync()));
        await ServesAsync();
    }

    /// <summary>Waits until every frontend knows every worker as ready and no other.</summary>
    public Task ServesAsync() => Task.WhenAll(Addresses.Select(address => Eventually.TrueAsync(
        async () => await HealthAsync(address) == HttpStatusCode.OK
            && (await Admin.WorkersAsync(_http, address) is not { } known || known.Count(static worker => worker.IsReady) == Workers.Count),
        async () => $"the frontend at {address} does not know {Workers.Count} ready workers; it says {await TextAsync(address, "health")} and {await TextAsync(address, "admin/workers")}")));

    /// <summary>Starts a worker that is none of <see cref="Workers"/>; nothing is waited for, and it belongs to the caller.</summary>
    public ChildProcess StartNewcomer() => DynamoProcess.Start("newcomer", Subject.WorkerArguments, Environment);

    /// <summary>Starts clients.</summary>
    /// <param name="change">What is different from one wave of <see cref="StreamLoadOptions.NumRequests"/> streams over all frontends by turns.</param>
    public StreamLoad StartLoad(Func<StreamLoadOptions, StreamLoadOptions>? change = null)
    {
        int numFrontends = Frontends.Count;
        StreamLoadOptions options = new() { NumTokens = Subject.NumTokens, FrontendOf = client => client % numFrontends };
        return new StreamLoad(Addresses, change is null ? options : change(options));
    }

    /// <summary>What a frontend says of the worker in a place, or <see langword="null"/> when it knows none there.</summary>
    public async Task<WorkerStatus?> StatusAsync(int worker, int frontend = 0) =>
        (await Admin.WorkersAsync(_http, Addresses[frontend]))?.SingleOrDefault(status => status.Address.Contains(WorkerAddresses[worker], StringComparison.Ordinal));

    /// <summary>Asks a frontend to drain a worker.</summary>
    public Task DrainAsync(string workerId, int frontend = 0) => Admin.DrainAsync(_http, Addresses[frontend], workerId);

    /// <summary>What a frontend says under a path, whatever its status.</summary>
    public Task<string> AskAsync(string path, int frontend = 0) => TextAsync(Addresses[frontend], path);

    /// <summary>Posts JSON to a frontend, which must answer with JSON and 200.</summary>
    public async Task<JsonNode> PostAsync(string path, JsonNode body, int frontend = 0)
    {
        using HttpResponseMessage response = await _http.PostAsJsonAsync(new Uri(Addresses[frontend], path), body);
        string text = await response.Content.ReadAsStringAsync();
        return response.IsSuccessStatusCode ? JsonNode.Parse(text)! : throw new InvalidOperationException($"{path} answers {response.StatusCode}: {text}");
    }

    /// <summary>Cuts the link between a worker and a frontend only; the cluster must be on a network.</summary>
    public void Cut(int worker, int frontend) => _network!.Cut(_workerHosts[worker].Address, Addresses[frontend].Host);

    /// <summary>Mends it.</summary>
    public void Mend(int worker, int frontend) => _network!.Mend(_workerHosts[worker].Address, Addresses[frontend].Host);

    /// <summary>A worker's host comes back with another address; its process must be gone.</summary>
    public void Move(int worker) => _workerHosts[worker].Address = _network!.Move(_workerHosts[worker].Address);

    /// <summary>The last lines that each process printed, the long ones cut.</summary>
    public string Logs(int numLines = 40) => string.Concat(Frontends.Concat(Workers).Select(node =>
        $"== {node.Name}\n{string.Join('\n', node.WholeOutput.Split('\n').TakeLast(numLines).Select(static line => line.Length > MaxLineLength ? line[..MaxLineLength] : line))}\n"));

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        foreach (ClusterNode node in Workers.Concat(Frontends))
        {
            await node.DisposeAsync();
        }

        await Nats.DisposeAsync();
        await Redis.DisposeAsync();
        _network?.Dispose();
        _http.Dispose();
    }

    private async Task<string> TextAsync(Uri address, string path)
    {
        using HttpResponseMessage response = await _http.GetAsync(new Uri(address, path));
        return await response.Content.ReadAsStringAsync();
    }

    private async Task<HttpStatusCode?> HealthAsync(Uri address)
    {
        try
        {
            using HttpResponseMessage response = await _http.GetAsync(new Uri(address, "health"));
            return response.StatusCode;
        }
        catch (HttpRequestException)
        {
            return null;
        }
    }

    private Host NewHost()
    {
        if (_network is null)
        {
            return new Host(null, "127.0.0.1");
        }

        (string network, string address) = _network.Add();
        return new Host(network, address);
    }

    private ClusterNode CreateFrontend(int number)
    {
        Host host = NewHost();
        int port = StablePort.Find();
        Addresses = [.. Addresses, new Uri($"http://{host.Address}:{port}")];
        return new ClusterNode($"frontend {number}", "dynamo: serving", () => DynamoProcess.Start(
            $"frontend {number}", ["frontend", "--http-host", host.Address, "--http-port", port.ToString(CultureInfo.InvariantCulture)], Environment, host.Network));
    }

    private ClusterNode CreateWorker(int number)
    {
        Host host = NewHost();
        _workerHosts.Add(host);
        WorkerAddresses = [.. WorkerAddresses, ""];
        return new ClusterNode($"worker {number}", "dynamo: worker is ready", () =>
        {
            // Told from the others by its port; each process has one of its own, as it would without the flag.
            int port = DynamoProcess.FreePort();
            WorkerAddresses[number] = $"{host.Address}:{port}";
            return DynamoProcess.Start(
                $"worker {number}", [.. Subject.WorkerArguments, "--silo-port", port.ToString(CultureInfo.InvariantCulture)], Environment, host.Network);
        });
    }

    private sealed class Host(string? network, string address)
    {
        public string? Network => network;

        public string Address { get; set; } = address;
    }
}
