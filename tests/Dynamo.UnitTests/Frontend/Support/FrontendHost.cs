using System.Net.Http.Headers;
using System.Text;
using Dynamo.Cluster.Membership;
using Dynamo.Cluster.Routing;
using Dynamo.Frontend;
using Dynamo.Frontend.Configuration;
using Dynamo.Frontend.Models;
using Dynamo.Hosting;
using Dynamo.Hosting.Telemetry;
using Dynamo.Serving.Admin;
using Dynamo.Serving.Catalog;
using Dynamo.Serving.Dispatch;
using Dynamo.Serving.Generation;
using Dynamo.Serving.Migration;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.AspNetCore.Routing;
using Microsoft.AspNetCore.Server.Kestrel.Core.Features;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace Dynamo.UnitTests.Frontend.Support;

/// <summary>
/// The frontend on a real Kestrel at a free loopback port, over a scripted generator; the host has paths of its own, some of them for
/// operators (<c>/host/…</c>).
/// </summary>
internal sealed class FrontendHost : IAsyncDisposable
{
    private readonly WebApplication _app;

    private FrontendHost(WebApplication app, ScriptedGenerator generator, FixedCatalog catalog, ScriptedResumer resumer, FixedAdmin admin)
    {
        (_app, Generator, Catalog, Resumer, Admin) = (app, generator, catalog, resumer, admin);
        Address = new Uri(app.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses.First());
        Client = new HttpClient { BaseAddress = Address, Timeout = Waiting.Limit };
    }

    public Uri Address { get; }

    public HttpClient Client { get; }

    public ScriptedGenerator Generator { get; }

    public FixedCatalog Catalog { get; }

    public ScriptedResumer Resumer { get; }

    public FixedAdmin Admin { get; }

    /// <summary>Everything that is mapped.</summary>
    public IReadOnlyList<Endpoint> Endpoints => _app.Services.GetRequiredService<EndpointDataSource>().Endpoints;

    /// <summary>Services of the host.</summary>
    public IServiceProvider Services => _app.Services;

    /// <summary>Two parts of a control plane.</summary>
    public required IReadOnlyList<FixedHealth> Health { get; init; }

    public static async Task<FrontendHost> StartAsync(FrontendOptions? options = null, TimeProvider? time = null, params ServedModel[] models)
    {
        ScriptedGenerator generator = new();
        ScriptedResumer resumer = new();
        FixedAdmin admin = new();
        FixedCatalog catalog = new(models.Length > 0 ? models : [DemoModel.Served()]);
        WebApplicationBuilder builder = WebApplication.CreateSlimBuilder();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        builder.Logging.ClearProviders();
        builder.Services.AddSingleton<IGenerator>(generator);
        builder.Services.AddSingleton<IModelCatalog>(catalog);
        builder.Services.AddSingleton<IStreamResumer>(resumer);
        builder.Services.AddSingleton<IClusterAdmin>(admin);
        FixedHealth[] health = [new FixedHealth(), new FixedHealth()];
        foreach (FixedHealth part in health)
        {
            builder.Services.AddSingleton<IClusterHealth>(part);
        }

        builder.Services.AddDynamoTelemetry(new TelemetryOptions());
        builder.Services.AddSingleton<RouterInstruments>();
        builder.Services.AddSingleton<DispatchInstruments>();
        builder.Services.AddSingleton<MigrationInstruments>();
        builder.Services.AddSingleton(time ?? TimeProvider.System);
        builder.Services.AddCrowdedConnections();
        builder.Services.AddFrontend(options ?? new FrontendOptions());
        WebApplication app = builder.Build();
        app.MapDynamo();
        app.MapUnknownPaths();
        app.MapGroup("/host").RequireDynamoOperator(app.Services).MapGet("/page", static () => "for operators");
        app.MapGet("/host/broken", static string () => throw new InvalidOperationException("secret path /etc")).RequireDynamoOperator(app.Services);
        app.MapGet("/host/limits", LimitsOf).RequireDynamoOperator(app.Services);
        app.MapGet("/host/own/limits", LimitsOf);
        await app.StartAsync();
        await LoadedAsync(app.Services.GetRequiredService<ModelTexts>());
        return new FrontendHost(app, generator, catalog, resumer, admin) { Health = health };
    }

    /// <summary>Sends a JSON body; the response's body is not read yet.</summary>
    public Task<HttpResponseMessage> SendAsync(string path, string json, CancellationToken cancellationToken = default)
    {
        HttpRequestMessage request = new(HttpMethod.Post, path) { Content = new StringContent(json, Encoding.UTF8) };
        request.Content.Headers.ContentType = new MediaTypeHeaderValue("application/json");
        return Client.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, cancellationToken);
    }

    // Broken files are some tests' subject.
    private static async Task LoadedAsync(ModelTexts texts)
    {
        foreach (ServedModel model in texts.Models)
        {
            Task loaded = texts.GetAsync(model, CancellationToken.None).AsTask();
            await loaded.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    private static string LimitsOf(HttpContext context) => string.Join(
        ' ',
        context.Features.Get<IHttpMinRequestBodyDataRateFeature>()?.MinDataRate?.GracePeriod,
        context.Features.Get<IHttpMinResponseDataRateFeature>()?.MinDataRate?.GracePeriod,
        context.Features.Get<IHttpMaxRequestBodySizeFeature>()?.MaxRequestBodySize);

    public async ValueTask DisposeAsync()
    {
        Client.Dispose();
        await _app.DisposeAsync();
    }
}
