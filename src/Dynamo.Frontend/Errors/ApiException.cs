using Microsoft.AspNetCore.Http;

namespace Dynamo.Frontend.Errors;

/// <summary>An answer other than the one asked for, in the words of OpenAI's error object. Messages go to clients as they are.</summary>
internal sealed class ApiException(int status, string type, string message, string? param = null, string? code = null) : Exception(message)
{
    /// <summary><c>type</c> of everything that the client can put right.</summary>
    public const string InvalidRequest = "invalid_request_error";

    /// <summary><c>type</c> of a service that cannot take the request now.</summary>
    public const string Unavailable = "service_unavailable";

    /// <summary><c>type</c> of our own failures.</summary>
    public const string ServerError = "server_error";

    /// <summary>HTTP status.</summary>
    public int Status { get; } = status;

    /// <summary>Kind of error.</summary>
    public string Type { get; } = type;

    /// <summary>Dotted path of the parameter at fault, for example <c>messages[0].role</c>.</summary>
    public string? Param { get; } = param;

    /// <summary>Short name of the error for programs.</summary>
    public string? Code { get; } = code;

    /// <summary>When to try again.</summary>
    public TimeSpan? RetryAfter { get; init; }

    /// <summary>How to authenticate, for 401.</summary>
    public string? Challenge { get; init; }

    /// <summary>Methods that the path has, for 405.</summary>
    public string? Allow { get; init; }

    /// <summary>Whether the client is to make a new connection, which may lead to another process.</summary>
    public bool EndsConnection { get; init; }

    /// <summary>A value that cannot be accepted.</summary>
    public static ApiException BadParameter(string? param, string message, string? code = null) =>
        new(StatusCodes.Status400BadRequest, InvalidRequest, message, param, code);

    /// <summary>A value of the wrong JSON type.</summary>
    public static ApiException WrongType(string param, string expected, string actual) =>
        BadParameter(param, $"'{param}' must be {expected}, is {actual}.", "invalid_type");

    /// <summary>A parameter that changes the answer and is not supported.</summary>
    public static ApiException Unsupported(string param, string message) => BadParameter(param, message, "unsupported_parameter");

    /// <summary>The process has not joined its cluster yet.</summary>
    public static ApiException Starting() => NotNow("The server is starting; send the request again.", "starting");

    /// <summary>The process takes no more requests.</summary>
    public static ApiException Leaving() => NotNow("The server is shutting down; send the request again.", "shutting_down", endsConnection: true);

    /// <summary>No worker goes on with what one began.</summary>
    public static ApiException Abandoned(string message) => NotNow(message, "no_worker");

    /// <summary>Our own failure; its cause is in the log.</summary>
    public static ApiException Internal(string message) =>
        new(StatusCodes.Status500InternalServerError, ServerError, message, null, "internal_error");

    private static ApiException NotNow(string message, string code, bool endsConnection = false) =>
        new(StatusCodes.Status503ServiceUnavailable, Unavailable, message, null, code) { RetryAfter = TimeSpan.FromSeconds(1), EndsConnection = endsConnection };
}
