namespace Dynamo.Protocol.Requests;

/// <summary>Identity of one generated sequence, made by the frontend. A request with <c>n</c> choices has one for each.</summary>
/// <param name="Value">128 random bits.</param>
[GenerateSerializer, Immutable, Alias("dynamo.RequestId")]
public readonly record struct RequestId([property: Id(0)] Guid Value)
{
    /// <summary>Makes a fresh one.</summary>
    public static RequestId New() => new(Guid.NewGuid());

    /// <summary>32 hexadecimal digits.</summary>
    public override string ToString() => Value.ToString("N");
}
