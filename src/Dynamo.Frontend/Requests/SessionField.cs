using Dynamo.Frontend.Bodies;
using Dynamo.Frontend.Errors;
using Microsoft.AspNetCore.Http;

namespace Dynamo.Frontend.Requests;

/// <summary>Reads which session a request belongs to: Dynamo's header, or the field of that name.</summary>
internal static class SessionField
{
    private const string Header = "X-Dynamo-Session-ID";
    private const string Field = "session_id";
    private const int MaxLength = 256;

    /// <summary>Reads it; the header wins.</summary>
    /// <exception cref="ApiException">It is too long.</exception>
    public static string? Read(IHeaderDictionary headers, JsonFields body)
    {
        string header = headers[Header].ToString();
        (string name, string? session) = header.Length > 0 ? (Header, header) : (Field, body.Text(Field));
        return session is { Length: > MaxLength }
            ? throw ApiException.BadParameter(name, $"'{name}' must have at most {MaxLength} characters, has {session.Length}.", "invalid_value")
            : string.IsNullOrEmpty(session) ? null : session;
    }
}
