using System.Net;
using System.Security.Cryptography;
using System.Text;
using Dynamo.Frontend.Errors;
using Microsoft.AspNetCore.Http;

namespace Dynamo.Frontend.Endpoints;

/// <summary>Lets operators in: from this machine anybody, from elsewhere whoever has the admin key.</summary>
internal sealed class AdminGuard(FrontendOptions options)
{
    private const string Bearer = "Bearer ";

    /// <summary>Lets a request pass.</summary>
    /// <exception cref="ApiException">403: it comes from elsewhere without the key.</exception>
    public void Check(HttpContext context)
    {
        if (context.Connection.RemoteIpAddress is { } address && IPAddress.IsLoopback(address))
        {
            return;
        }

        string given = context.Request.Headers.Authorization.ToString();
        bool isRight = options.AdminKey is { Length: > 0 } key
            && given.StartsWith(Bearer, StringComparison.Ordinal)
            && CryptographicOperations.FixedTimeEquals(Encoding.UTF8.GetBytes(given[Bearer.Length..]), Encoding.UTF8.GetBytes(key));
        if (!isRight)
        {
            throw new ApiException(
                StatusCodes.Status403Forbidden,
                ApiException.InvalidRequest,
                $"{context.Request.Path} is open on the frontend's own machine; from elsewhere, send the admin key (DYN_ADMIN_KEY of the frontend) as bearer token.",
                null,
                "admin_key_required");
        }
    }
}
