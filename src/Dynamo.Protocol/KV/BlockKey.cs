using System.Globalization;

namespace Dynamo.Protocol.KV;

/// <summary>
/// What routing calls a full block: the low 64 bits of its <see cref="SequenceHash"/>, so it names all blocks before it, too. Equal on every silo for
/// equal prefixes under one salt. Two different prefixes may have one key, which costs a worse decision and never a wrong answer: an engine
/// compares whole hashes and tokens before it reuses a block.
/// </summary>
/// <param name="Value">The bits; 0 is a key like any other.</param>
public readonly record struct BlockKey(ulong Value)
{
    /// <summary>16 hexadecimal digits.</summary>
    public override string ToString() => Value.ToString("x16", CultureInfo.InvariantCulture);
}
