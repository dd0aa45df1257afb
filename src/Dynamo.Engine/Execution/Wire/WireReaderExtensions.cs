using Dynamo.Protocol.Wire;

namespace Dynamo.Engine.Execution.Wire;

/// <summary>Reads numbers that have a limit.</summary>
internal static class WireReaderExtensions
{
    /// <summary>A number from 0 to below a limit.</summary>
    /// <param name="reader">Where it stands.</param>
    /// <param name="limit">The limit, not negative.</param>
    /// <param name="what">What it is, for the message.</param>
    /// <exception cref="WireFormatException">It is not, or the bytes end.</exception>
    public static int ReadBelow(this ref WireReader reader, int limit, string what)
    {
        ulong value = reader.ReadVarint();
        return value < (ulong)limit ? (int)value : throw reader.Fault($"{what} {value}, which must be below {limit}");
    }
}
