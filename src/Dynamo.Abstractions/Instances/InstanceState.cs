namespace Dynamo.Abstractions.Instances;

/// <summary>Where an instance is in its life; it only moves down this list. Values are on the wire: append only.</summary>
public enum InstanceState : byte
{
    /// <summary>Its ranks are being told.</summary>
    Forming = 0,

    /// <summary>Its ranks load weights.</summary>
    Loading = 1,

    /// <summary>It takes requests.</summary>
    Ready = 2,

    /// <summary>It finishes what it has and takes no more.</summary>
    Draining = 3,

    /// <summary>It is over.</summary>
    Failed = 4,
}
