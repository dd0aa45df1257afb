using Dynamo.Frontend.Access;
using Dynamo.Frontend.Admission;
using Dynamo.Frontend.Configuration;
using Dynamo.Frontend.Errors;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Cors.Infrastructure;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;

namespace Dynamo.Frontend;

/// <summary>
/// What a request goes through before an endpoint of ours gets it, and the one place where what it throws becomes an answer: an <c>x-request-id</c> for every
/// answer, pages of other origins, whether the process takes requests, whom the path is for. Around endpoints and not in the host's pipeline, so that a
/// host's other endpoints are left as they are. Thread-safe.
/// </summary>
internal sealed class EndpointPipeline(AccessGuard guard, RequestGate gate, ICorsService crossOrigin, FrontendOptions options, ILogger<EndpointPipeline> logger)
{
    private readonly CorsPolicy _crossOrigin = CrossOriginPolicy.Of(options.CrossOrigin);

    /// <summary>Puts all of that around the handlers of endpoints.</summary>
    /// <param name="endpoints">The endpoints.</param>
    /// <param name="audience">Whom their paths are for; <see langword="null"/>: of all paths that the host does not map.</param>
    public void Surround(IEndpointConventionBuilder endpoints, Audience? audience) => endpoints.Finally(endpoint =>
    {
        if (endpoint.RequestDelegate is { } handler)
        {
            endpoint.RequestDelegate = context => RunAsync(context, audience, handler);
        }
    });

    private async Task RunAsync(HttpContext context, Audience? audience, RequestDelegate handler)
    {
        RequestIds.Attach(context);
        ConnectionLimits.Set(context, options);
        try
        {
            if (!IsPreflightAnswered(context, audience))
            {
                await gate.RunAsync(context, audience ?? Audience.Everybody, context =>
                {
                    guard.Check(context, audience ?? Audience.Everybody);
                    return handler(context);
                });
            }
        }
        catch (Exception e) when (e is OperationCanceledException or IOException && context.RequestAborted.IsCancellationRequested)
        {
            // The client left; nobody reads an answer.
        }
        catch (Exception e) when (e is not OutOfMemoryException)
        {
            await FailAsync(context, e);
        }
    }

    // A browser asks before it sends. Operators' paths are for no page: nothing is allowed by what is not said. A method that one of them does not have leads
    // to where unknown paths do.
    private bool IsPreflightAnswered(HttpContext context, Audience? audience)
    {
        if (!context.Request.Headers.ContainsKey(CorsConstants.Origin))
        {
            return false;
        }

        bool isPreflight = HttpMethods.IsOptions(context.Request.Method) && context.Request.Headers.ContainsKey(CorsConstants.AccessControlRequestMethod);
        if (audience != Audience.Operators && !(isPreflight && audience is null))
        {
            CorsResult result = crossOrigin.EvaluatePolicy(context, _crossOrigin);

            // Late: refusals begin by clearing the headers.
            context.Response.OnStarting(() =>
            {
                crossOrigin.ApplyResult(result, context.Response);
                return Task.CompletedTask;
            });
        }

        if (isPreflight)
        {
            context.Response.StatusCode = StatusCodes.Status204NoContent;
        }

        return isPreflight;
    }

    private async Task FailAsync(HttpContext context, Exception exception)
    {
        ApiException error = ErrorMapper.Of(exception, gate.IsLeaving, context, logger);
        if (context.Response.HasStarted)
        {
            // Too late for a status: the client sees that the response breaks off.
            context.Abort();
        }
        else
        {
            await ErrorWriter.RespondAsync(context.Response, error);
        }
    }
}
