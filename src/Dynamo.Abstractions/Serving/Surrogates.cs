using Dynamo.Protocol.Load;
using Dynamo.Protocol.Requests;

namespace Dynamo.Abstractions.Serving;

/// <summary>How Orleans writes a <see cref="WorkerId"/>.</summary>
[GenerateSerializer, Alias("dynamo.WorkerId")]
public struct WorkerIdSurrogate
{
    /// <summary>The identity's bits.</summary>
    [Id(0)]
    public ulong Value;
}

/// <summary>Converts a <see cref="WorkerId"/>.</summary>
[RegisterConverter]
public sealed class WorkerIdConverter : IConverter<WorkerId, WorkerIdSurrogate>
{
    /// <inheritdoc/>
    public WorkerId ConvertFromSurrogate(in WorkerIdSurrogate surrogate) => new(surrogate.Value);

    /// <inheritdoc/>
    public WorkerIdSurrogate ConvertToSurrogate(in WorkerId value) => new() { Value = value.Value };
}

/// <summary>How Orleans writes a <see cref="RequestId"/>.</summary>
[GenerateSerializer, Alias("dynamo.RequestId")]
public struct RequestIdSurrogate
{
    /// <summary>The identity's bits.</summary>
    [Id(0)]
    public Guid Value;
}

/// <summary>Converts a <see cref="RequestId"/>.</summary>
[RegisterConverter]
public sealed class RequestIdConverter : IConverter<RequestId, RequestIdSurrogate>
{
    /// <inheritdoc/>
    public RequestId ConvertFromSurrogate(in RequestIdSurrogate surrogate) => new(surrogate.Value);

    /// <inheritdoc/>
    public RequestIdSurrogate ConvertToSurrogate(in RequestId value) => new() { Value = value.Value };
}
