using System.Text;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Primitives;

namespace Dynamo.Frontend.Access;

/// <summary>The key in a request's <c>Authorization</c>.</summary>
/// <param name="Key">What was given.</param>
/// <param name="IsAmbient">A browser keeps it and sends it along by itself, whoever made the page that asks (Basic).</param>
internal readonly record struct Credentials(string Key, bool IsAmbient)
{
    private const string Bearer = "Bearer ";
    private const string Basic = "Basic ";

    /// <summary>The bearer token, or with <paramref name="allowBasic"/> the password of Basic authentication; <see langword="null"/> without either.</summary>
    public static Credentials? Of(HttpRequest request, bool allowBasic)
    {
        StringValues header = request.Headers.Authorization;
        string text = header.Count == 1 ? header[0]! : "";
        return text.StartsWith(Bearer, StringComparison.OrdinalIgnoreCase) ? new Credentials(text[Bearer.Length..].Trim(), IsAmbient: false)
            : allowBasic && text.StartsWith(Basic, StringComparison.OrdinalIgnoreCase) && Password(text[Basic.Length..].Trim()) is { } password
                ? new Credentials(password, IsAmbient: true)
            : null;
    }

    private static string? Password(string encoded)
    {
        byte[] bytes = new byte[encoded.Length];
        if (!Convert.TryFromBase64String(encoded, bytes, out int length))
        {
            return null;
        }

        string pair = Encoding.UTF8.GetString(bytes, 0, length);
        int colon = pair.IndexOf(':');
        return colon < 0 ? null : pair[(colon + 1)..];
    }
}
