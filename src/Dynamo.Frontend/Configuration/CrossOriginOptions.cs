namespace Dynamo.Frontend.Configuration;

/// <summary>
/// Which pages may call the paths of clients from a browser (CORS), with vLLM's names and defaults. Operators' paths are never open to pages of
/// other origins. Not to be changed once the frontend is added.
/// </summary>
public sealed record CrossOriginOptions
{
    /// <summary>Stands for everything.</summary>
    public const string Any = "*";

    /// <summary>Origins such as <c>https://example.org</c>, or <see cref="Any"/>; none: no page of another origin.</summary>
    /// <value>Default <see cref="Any"/>.</value>
    public IReadOnlyList<string> Origins { get; set; } = [Any];

    /// <summary>HTTP methods, or <see cref="Any"/>.</summary>
    /// <value>Default <see cref="Any"/>.</value>
    public IReadOnlyList<string> Methods { get; set; } = [Any];

    /// <summary>Names of request headers, or <see cref="Any"/>.</summary>
    /// <value>Default <see cref="Any"/>.</value>
    public IReadOnlyList<string> Headers { get; set; } = [Any];

    /// <summary>Whether browsers may send what they keep for this server: cookies and client certificates.</summary>
    /// <value>Default <see langword="false"/>.</value>
    public bool AllowCredentials { get; set; }
}
