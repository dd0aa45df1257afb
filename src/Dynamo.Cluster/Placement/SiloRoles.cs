namespace Dynamo.Cluster.Placement;

/// <summary>What a silo is for, published as silo metadata for its whole life.</summary>
[Flags]
public enum SiloRoles
{
    /// <summary>Nothing.</summary>
    None = 0,

    /// <summary>Serves HTTP, holds routers and deployments.</summary>
    Frontend = 1,

    /// <summary>Offers GPUs.</summary>
    Worker = 2,
}

/// <summary>The metadata key and form of <see cref="SiloRoles"/>.</summary>
public static class SiloRolesMetadata
{
    /// <summary>Key of the silo metadata.</summary>
    public const string Key = "dynamo.roles";

    /// <summary>The value for a silo.</summary>
    public static string Format(SiloRoles roles) => roles.ToString();

    /// <summary>Whether a value, <see langword="null"/> where a silo has none, names a role.</summary>
    public static bool Includes(string? value, SiloRoles role) => Enum.TryParse(value, out SiloRoles roles) && roles.HasFlag(role);
}
