namespace Dynamo.Abstractions.Instances;

/// <summary>Where an instance is in its life; it only moves down this list. Values are on the wire: append only.</summary>
public enum InstanceState : byte
{
    /// <summary>The ranks are being told their place.</summary>
    Forming = 0,

    /// <summary>The ranks load weights.</summary>
    Loading = 1,

    /// <summary>The instance takes requests.</summary>
    Ready = 2,

    /// <summary>The instance finishes the requests that it has and takes no more.</summary>
    Draining = 3,

    /// <summary>The instance is over.</summary>
    Failed = 4,
}
