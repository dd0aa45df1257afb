namespace Dynamo.Routing;

/// <summary>Why a worker cannot get a request.</summary>
public enum Ineligibility : byte
{
    /// <summary>It can.</summary>
    None,

    /// <summary>It is loading its model.</summary>
    Loading,

    /// <summary>It is draining.</summary>
    Draining,

    /// <summary>It is over.</summary>
    Failed,

    /// <summary>It has just refused this request or could not be reached.</summary>
    Excluded,
}
