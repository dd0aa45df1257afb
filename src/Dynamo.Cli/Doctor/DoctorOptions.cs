namespace Dynamo.Cli.Doctor;

/// <summary>What is looked at.</summary>
internal sealed record DoctorOptions
{
    /// <summary>Address that this node would advertise, as given; <see langword="null"/> to find it.</summary>
    public string? AdvertiseHost { get; init; }

    /// <summary>File with the cluster's key, or <see langword="null"/>.</summary>
    public string? KeyFile { get; init; }

    /// <summary>Model folder to look into, or <see langword="null"/>.</summary>
    public string? ModelPath { get; init; }

    /// <summary>Ports that a process is about to use here, by flag.</summary>
    public required IReadOnlyList<(string Flag, int Port)> Ports { get; init; }

    /// <summary>How long each answer may take.</summary>
    public required TimeSpan Timeout { get; init; }

    /// <summary>Print JSON.</summary>
    public bool IsJson { get; init; }
}
