namespace Dynamo.Text.Tokenizers;

/// <summary>
/// The printable stand-ins that byte-level vocabularies use for bytes (GPT-2's table): printable Latin-1 bytes stand for themselves, the 68
/// others for U+0100 and up, in order.
/// </summary>
internal static class ByteLevelAlphabet
{
    private const int NumOthers = 68;
    private static readonly short[] ByteOfChar = Build();

    /// <summary>The bytes that a vocabulary entry stands for, or <see langword="null"/> when one of its characters stands for none.</summary>
    public static byte[]? Bytes(string entry)
    {
        byte[] bytes = new byte[entry.Length];
        for (int i = 0; i < entry.Length; i++)
        {
            if (entry[i] >= ByteOfChar.Length || ByteOfChar[entry[i]] < 0)
            {
                return null;
            }

            bytes[i] = (byte)ByteOfChar[entry[i]];
        }

        return bytes;
    }

    private static short[] Build()
    {
        short[] table = new short[256 + NumOthers];
        Array.Fill(table, (short)-1);
        int next = 256;
        for (short b = 0; b < 256; b++)
        {
            bool printable = b is (>= 0x21 and <= 0x7E) or (>= 0xA1 and <= 0xAC) or (>= 0xAE and <= 0xFF);
            table[printable ? b : next++] = b;
        }

        return table;
    }
}
