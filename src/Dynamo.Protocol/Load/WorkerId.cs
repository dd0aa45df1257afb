using System.Globalization;

namespace Dynamo.Protocol.Load;

/// <summary>Identity of a worker: a model instance's head. A restarted process is another worker.</summary>
/// <param name="Value">64 random bits, never 0.</param>
[GenerateSerializer, Immutable, Alias("dynamo.WorkerId")]
public readonly record struct WorkerId([property: Id(0)] ulong Value)
{
    /// <summary>16 hexadecimal digits.</summary>
    public override string ToString() => Value.ToString("x16", CultureInfo.InvariantCulture);
}
