using Dynamo.Serving.Streams;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;

namespace Dynamo.Frontend.Errors;

/// <summary>Turns what a request may throw into what the client is told.</summary>
internal static partial class ErrorMapper
{
    /// <summary>Dynamo's status for overload, which proxies do not confuse with "nobody is there".</summary>
    public const int StatusOverloaded = 529;

    // Clients that read no Retry-After begin with about half a second.
    private static readonly TimeSpan RetryAfter = TimeSpan.FromSeconds(1);

    /// <summary>The client's error, or <see langword="null"/> for a failure that nobody foresaw.</summary>
    public static ApiException? Map(Exception exception) => exception switch
    {
        ApiException api => api,
        NoWorkerException e => Unavailable(e.Message, "no_worker"),
        OverloadedException e => new ApiException(StatusOverloaded, ApiException.Unavailable, e.Message, null, "overloaded") { RetryAfter = e.RetryAfter },
        RequestRefusedException e => ApiException.BadParameter(e.Parameter, e.Message),
        BadHttpRequestException e when e.StatusCode == StatusCodes.Status413PayloadTooLarge => new ApiException(
            e.StatusCode, ApiException.InvalidRequest, "The request body is too large.", null, "request_too_large"),
        BadHttpRequestException e => new ApiException(e.StatusCode, ApiException.InvalidRequest, "The request could not be read.", null, "bad_request"),
        OperationCanceledException => Unavailable("The request was cancelled by the server.", "cancelled"),
        _ => null,
    };

    /// <summary>As the other, of a process that may be leaving: what cannot be done here any more can be done elsewhere, or by the process that comes after.</summary>
    public static ApiException? Map(Exception exception, bool isLeaving) =>
        isLeaving && exception is (NoWorkerException or OverloadedException or OperationCanceledException) ? ApiException.Leaving() : Map(exception);

    /// <summary>The client's error for any failure; one that nobody foresaw goes to the log.</summary>
    public static ApiException Of(Exception exception, bool isLeaving, HttpContext context, ILogger logger)
    {
        if (Map(exception, isLeaving) is { } error)
        {
            return error;
        }

        LogUnexpected(logger, context.Request.Path, context.TraceIdentifier, exception);
        return ApiException.Internal("The server failed; its log says why.");
    }

    private static ApiException Unavailable(string message, string code) =>
        new(StatusCodes.Status503ServiceUnavailable, ApiException.Unavailable, message, null, code) { RetryAfter = RetryAfter };

    [LoggerMessage(LogLevel.Error, "{Path} failed (request {Request})")]
    private static partial void LogUnexpected(ILogger logger, string path, string request, Exception exception);
}
