using Microsoft.AspNetCore.Http;

namespace Dynamo.Frontend.Admission;

/// <summary>
/// Gives every answer, refusals included, an <c>x-request-id</c>: the client's own, else the response's id, else a fresh one. The client's is only
/// repeated: responses have ids of their own, because whoever knows one may go on with the response.
/// </summary>
internal static class RequestIds
{
    /// <summary>The header.</summary>
    public const string Header = "x-request-id";

    /// <summary>Longest id of a client that is repeated; Kestrel takes headers of up to 32 KiB.</summary>
    public const int MaxLength = 256;

    /// <summary>Sees to it that the answer has an id, whoever writes it.</summary>
    public static void Attach(HttpContext context)
    {
        string? given = OfClient(context.Request);
        context.TraceIdentifier = given ?? $"req-{Guid.NewGuid():N}";
        context.Response.OnStarting(static state =>
        {
            (HttpContext context, string? given) = ((HttpContext, string?))state;
            IHeaderDictionary headers = context.Response.Headers;
            if (given is not null || !headers.ContainsKey(Header))
            {
                headers[Header] = context.TraceIdentifier;
            }

            return Task.CompletedTask;
        }, (context, given));
    }

    // An id with other characters than these would have to be altered to be repeated, and would not be the client's any more.
    private static string? OfClient(HttpRequest request) =>
        request.Headers[Header] is [{ Length: > 0 and <= MaxLength } id] && id.All(static character => character is > ' ' and <= '~') ? id : null;
}
