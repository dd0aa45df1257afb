using Dynamo.Cluster.Serving;
using Microsoft.AspNetCore.Http;

namespace Dynamo.Frontend.Errors;

/// <summary>Turns what a request may throw into what the client is told.</summary>
internal static class ErrorMapper
{
    /// <summary>Dynamo's status for overload, which proxies do not confuse with "nobody is there".</summary>
    public const int StatusOverloaded = 529;

    /// <summary>The client's error, or <see langword="null"/> for a failure that nobody foresaw.</summary>
    public static ApiException? Map(Exception exception) => exception switch
    {
        ApiException api => api,
        NoWorkerException e => new ApiException(StatusCodes.Status503ServiceUnavailable, ApiException.Unavailable, e.Message, null, "no_worker"),
        OverloadedException e => new ApiException(StatusOverloaded, ApiException.Unavailable, e.Message, null, "overloaded") { RetryAfter = e.RetryAfter },
        RequestRefusedException e => ApiException.BadParameter(e.Parameter, e.Message),
        BadHttpRequestException e when e.StatusCode == StatusCodes.Status413PayloadTooLarge => new ApiException(
            e.StatusCode, ApiException.InvalidRequest, "The request body is too large.", null, "request_too_large"),
        BadHttpRequestException e => new ApiException(e.StatusCode, ApiException.InvalidRequest, "The request could not be read.", null, "bad_request"),
        OperationCanceledException => new ApiException(
            StatusCodes.Status503ServiceUnavailable, ApiException.Unavailable, "The request was cancelled by the server.", null, "cancelled"),
        _ => null,
    };
}
