using System.Net;
using Dynamo.Abstractions.Instances;
using Dynamo.Cluster.Net;

namespace Dynamo.Diagnostics;

/// <summary>How the members of a cluster see each other.</summary>
[GenerateSerializer, Immutable, Alias("dynamo.ClusterDiagnosis")]
public sealed record ClusterDiagnosis
{
    /// <summary>Every member that membership calls active.</summary>
    [Id(0)]
    public required MemberDiagnosis[] Members { get; init; }

    /// <summary>Instances of all models.</summary>
    [Id(1)]
    public required InstanceDiagnosis[] Instances { get; init; }

    /// <summary>Why <see cref="Instances"/> are not all there, or <see langword="null"/>.</summary>
    [Id(2)]
    public string? InstancesError { get; init; }
}

/// <summary>One member as seen from the silo that asked.</summary>
[GenerateSerializer, Immutable, Alias("dynamo.MemberDiagnosis")]
public sealed record MemberDiagnosis
{
    /// <summary>Which silo.</summary>
    [Id(0)]
    public required SiloAddress Silo { get; init; }

    /// <summary>What it said of itself; <see langword="null"/> when it did not answer.</summary>
    [Id(1)]
    public SiloDiagnosis? Answer { get; init; }

    /// <summary>Why it did not answer.</summary>
    [Id(2)]
    public string? Error { get; init; }

    /// <summary>How far its clock is ahead of that of the silo that asked, exact to half of <see cref="RoundTrip"/>.</summary>
    [Id(3)]
    public TimeSpan ClockOffset { get; init; }

    /// <summary>Time from question to answer, less what the silo spent on it.</summary>
    [Id(4)]
    public TimeSpan RoundTrip { get; init; }
}

/// <summary>What a silo says of itself and of the addresses it was asked to try.</summary>
[GenerateSerializer, Immutable, Alias("dynamo.SiloDiagnosis")]
public sealed record SiloDiagnosis
{
    /// <summary>What it is for.</summary>
    [Id(0)]
    public required string Roles { get; init; }

    /// <summary>Build of this project.</summary>
    [Id(1)]
    public required string Version { get; init; }

    /// <summary>The silo's clock when the question came, UTC.</summary>
    [Id(2)]
    public required DateTimeOffset Received { get; init; }

    /// <summary>The silo's clock when the answer left, UTC.</summary>
    [Id(3)]
    public required DateTimeOffset Answered { get; init; }

    /// <summary>What came of connecting to each address, in the order asked.</summary>
    [Id(4)]
    public required PeerAnswer[] Peers { get; init; }
}

/// <summary>What came of connecting to one address.</summary>
/// <param name="Peer">The address.</param>
/// <param name="Answer">What came of it.</param>
[GenerateSerializer, Immutable, Alias("dynamo.PeerAnswer")]
public readonly record struct PeerAnswer([property: Id(0)] IPEndPoint Peer, [property: Id(1)] TcpAnswer Answer);

/// <summary>An instance, as far as a check of the cluster needs it.</summary>
/// <param name="Model">Its model.</param>
/// <param name="Head">Its head silo.</param>
/// <param name="State">Where it is in its life.</param>
/// <param name="NumericsClass">What its rounding depends on; <see langword="null"/> until it is ready.</param>
[GenerateSerializer, Immutable, Alias("dynamo.InstanceDiagnosis")]
public sealed record InstanceDiagnosis(
    [property: Id(0)] string Model,
    [property: Id(1)] SiloAddress Head,
    [property: Id(2)] InstanceState State,
    [property: Id(3)] string? NumericsClass);
