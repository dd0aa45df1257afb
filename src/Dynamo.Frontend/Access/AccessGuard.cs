using Dynamo.Frontend.Configuration;
using Dynamo.Frontend.Errors;
using Microsoft.AspNetCore.Http;

namespace Dynamo.Frontend.Access;

/// <summary>Lets requests pass or refuses them before anything of them is read. Thread-safe.</summary>
internal sealed class AccessGuard(FrontendOptions options)
{
    private const string Realm = "realm=\"dynamo\"";

    private readonly KeyRing _apiKeys = new(options.ApiKeys);
    private readonly KeyRing _adminKeys = new(options.AdminKey is { Length: > 0 } key ? [key] : []);

    /// <summary>Lets a request pass.</summary>
    /// <exception cref="ApiException">401 without an API key that is asked for; 403 of a request that is not an operator's.</exception>
    public void Check(HttpContext context, Audience audience)
    {
        switch (audience)
        {
            case Audience.Clients when !_apiKeys.IsEmpty && !HttpMethods.IsOptions(context.Request.Method):
                CheckClient(context.Request);
                break;
            case Audience.Operators:
                CheckOperator(context);
                break;
        }
    }

    private void CheckClient(HttpRequest request)
    {
        if (Credentials.Of(request, allowBasic: false) is not { } given)
        {
            throw Unauthorized(
                "No API key was given. Send one of the server's (--api-key) as bearer token, in the header Authorization: Bearer KEY.", code: null, $"Bearer {Realm}");
        }

        if (!_apiKeys.Contains(given.Key))
        {
            throw Unauthorized("The API key that was given is not one of the server's (--api-key).", "invalid_api_key", $"Bearer {Realm}, error=\"invalid_token\"");
        }
    }

    private void CheckOperator(HttpContext context)
    {
        HttpRequest request = context.Request;
        Credentials? given = _adminKeys.IsEmpty ? null : Credentials.Of(request, allowBasic: true);
        string? foreign = RequestSource.WhyForeign(request);
        if (given is { } credentials && _adminKeys.Contains(credentials.Key) && !(credentials.IsAmbient && foreign is not null))
        {
            return;
        }

        string? why = options.RequireAdminKey ? "the key is asked for wherever a request comes from" : RequestSource.WhyNotThisMachine(context);
        if (why is null)
        {
            CheckContentType(request);
            return;
        }

        // A person with a browser is asked for the key, unless another site has sent them here.
        if (!_adminKeys.IsEmpty && foreign is null && AcceptsPages(request))
        {
            throw Unauthorized($"{request.Path} is for operators: any name, and the admin key as password.", "admin_key_required", $"Basic {Realm}, charset=\"UTF-8\"");
        }

        throw new ApiException(
            StatusCodes.Status403Forbidden,
            ApiException.InvalidRequest,
            $"{request.Path} is for operators, and this request is not taken for one's: {why}. "
                + (_adminKeys.IsEmpty
                    ? "Ask from the server's own machine by its loopback address, or start the server with an admin key (--admin-key, DYN_ADMIN_KEY) and send that as bearer token."
                    : "Send the admin key (--admin-key, DYN_ADMIN_KEY of the server) as bearer token."),
            null,
            "admin_key_required");
    }

    // What needs no type needs no preflight either, so that any page could have sent it.
    private static void CheckContentType(HttpRequest request)
    {
        if (HttpMethods.IsPost(request.Method) && string.IsNullOrEmpty(request.ContentType))
        {
            throw new ApiException(
                StatusCodes.Status415UnsupportedMediaType,
                ApiException.InvalidRequest,
                $"POST {request.Path} needs the header Content-Type: application/json.",
                null,
                "unsupported_media_type");
        }
    }

    private static bool AcceptsPages(HttpRequest request) =>
        HttpMethods.IsGet(request.Method) && request.Headers.Accept.ToString().Contains("text/html", StringComparison.OrdinalIgnoreCase);

    private static ApiException Unauthorized(string message, string? code, string challenge) =>
        new(StatusCodes.Status401Unauthorized, ApiException.InvalidRequest, message, null, code) { Challenge = challenge };
}
