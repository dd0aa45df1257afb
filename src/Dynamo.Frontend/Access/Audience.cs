namespace Dynamo.Frontend.Access;

/// <summary>Whom a path is for.</summary>
internal enum Audience
{
    /// <summary>Everybody who reaches the port: what probes and collectors ask.</summary>
    Everybody,

    /// <summary>Clients: an API key is asked for when the frontend has any.</summary>
    Clients,

    /// <summary>Operators: this machine itself, or the admin key.</summary>
    Operators,
}
