using System.Security.Claims;
using Dynamo.Engine.Execution;
using Dynamo.Hosting;
using Dynamo.Torch;
using Microsoft.AspNetCore.Authentication.BearerToken;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;

namespace Samples;

/// <summary>A web application of one's own that serves a model beside its own pages, behind its own authentication: frontend and worker in one process.</summary>
public static class EmbeddedServer
{
    /// <summary>Builds it; <c>--model-folder FOLDER</c> among the arguments says what is served.</summary>
    public static WebApplication Build(string[] args)
    {
        WebApplicationBuilder builder = WebApplication.CreateBuilder(args);
        builder.Services.AddAuthentication().AddBearerToken();
        builder.Services.AddAuthorization();

        // Limits, routing and access are read from appsettings.json and the environment, sections Dynamo:Frontend, Dynamo:Router and so on, before this.
        builder.AddDynamoFrontend(static dynamo =>
        {
            dynamo.Frontend.MaxRequestBodyBytes = 1 << 20;
            dynamo.Migration.Limit = 3;
        });
        builder.AddDynamoWorker(dynamo =>
        {
            dynamo.Worker.Model = "demo";
            dynamo.Worker.Load = new ModelLoadOptions { ModelPath = builder.Configuration["model-folder"] ?? "" };
            dynamo.Runners = new TorchModelRunnerFactory();
        });

        WebApplication app = builder.Build();
        app.MapGet("/", static () => "a page of my own");
        app.MapPost("/login", static (string user) =>
            Results.SignIn(new ClaimsPrincipal(new ClaimsIdentity([new Claim(ClaimTypes.Name, user)], "password")), null, BearerTokenDefaults.AuthenticationScheme));
        app.MapDynamo().RequireAuthorization();
        return app;
    }
}
