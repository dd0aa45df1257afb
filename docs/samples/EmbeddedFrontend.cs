using Dynamo.Hosting;
using Dynamo.Routing.Configuration;
using Microsoft.AspNetCore.Builder;

namespace Samples;

/// <summary>A frontend of a cluster in a program of one's own: it joins the cluster of <c>REDIS_ENDPOINTS</c> and <c>DYN_NAMESPACE</c>, and loads no model.</summary>
public static class EmbeddedFrontend
{
    /// <summary>Builds it.</summary>
    public static WebApplication Build(string[] args)
    {
        WebApplicationBuilder builder = WebApplication.CreateBuilder(args);
        builder.AddDynamoFrontend(dynamo =>
        {
            dynamo.Cluster = DynamoCluster.FromConfiguration(builder.Configuration);
            dynamo.Router.Mode = RouterMode.RoundRobin;
        });

        // Under a prefix: /llm/v1/chat/completions, /llm/health and so on.
        WebApplication app = builder.Build();
        app.MapGroup("/llm").MapDynamo();
        return app;
    }
}
