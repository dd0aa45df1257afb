using Dynamo.Frontend.Admission;
using Dynamo.Frontend.Configuration;
using Dynamo.Frontend.Errors;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace Dynamo.Frontend;

/// <summary>Adds to a host's pipeline what holds for every request.</summary>
public static class FrontendApplicationBuilderExtensions
{
    /// <summary>
    /// Gives every answer an <c>x-request-id</c> (the client's own when it sends one), lets pages of other origins in as
    /// <see cref="FrontendOptions.CrossOrigin"/> says, turns what nobody caught into OpenAI's error object, and refuses requests while the process
    /// starts or leaves. Comes before
    /// <see cref="FrontendEndpointRouteBuilderExtensions.MapDynamoFrontend"/> and anything else of the host that answers.
    /// </summary>
    /// <param name="app">The host's pipeline; <see cref="FrontendServiceCollectionExtensions.AddDynamoFrontend"/> must have been called.</param>
    public static IApplicationBuilder UseDynamoFrontend(this IApplicationBuilder app)
    {
        ILogger logger = app.ApplicationServices.GetRequiredService<ILoggerFactory>().CreateLogger(typeof(FrontendApplicationBuilderExtensions));
        app.Use(next => context => RunAsync(context, next, logger));

        // A preflight for a method that a path does not have matches no endpoint, and would be a 404 for one that is there.
        app.UseWhen(IsClientsPreflight, static branch => branch.UseCors(CrossOriginPolicy.Name));
        app.UseCors();
        return app.Use(app.ApplicationServices.GetRequiredService<RequestGate>().InvokeAsync);
    }

    private static bool IsClientsPreflight(HttpContext context) =>
        context.GetEndpoint() is null && HttpMethods.IsOptions(context.Request.Method) && FrontendEndpointRouteBuilderExtensions.IsClients(context.Request.Path);

    private static async Task RunAsync(HttpContext context, RequestDelegate next, ILogger logger)
    {
        RequestIds.Attach(context);
        try
        {
            await next(context);
        }
        catch (Exception e) when (e is OperationCanceledException or IOException && context.RequestAborted.IsCancellationRequested)
        {
            // The client left; nobody reads an answer.
        }
        catch (Exception e) when (!context.Response.HasStarted && e is not OutOfMemoryException)
        {
            await ErrorWriter.RespondAsync(context.Response, ErrorMapper.Of(e, context, logger));
        }
    }
}
