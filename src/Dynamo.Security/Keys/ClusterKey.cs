using System.Security.Cryptography;
using System.Text;

namespace Dynamo.Security.Keys;

/// <summary>The secret that processes of one cluster share: <see cref="Size"/> bytes. It is never logged and has no text of its own. Immutable.</summary>
public sealed class ClusterKey
{
    /// <summary>Length in bytes.</summary>
    public const int Size = 32;

    /// <summary>Length of a code made by <see cref="Sign"/>, in bytes.</summary>
    public const int MacSize = HMACSHA256.HashSizeInBytes;

    private readonly byte[] _bytes;

    private ClusterKey(byte[] bytes) => _bytes = bytes;

    /// <summary>A new random key.</summary>
    public static ClusterKey Create() => new(RandomNumberGenerator.GetBytes(Size));

    /// <summary>Reads a key written as 64 hexadecimal digits or as base64; white space around it does not count.</summary>
    /// <returns><see langword="null"/> when it is neither or not <see cref="Size"/> bytes.</returns>
    public static ClusterKey? Parse(string text)
    {
        ReadOnlySpan<char> trimmed = text.AsSpan().Trim();
        byte[] bytes = new byte[Size];
        bool isHex = trimmed.Length == 2 * Size
            && Convert.FromHexString(trimmed, bytes, out int numRead, out int numWritten) == System.Buffers.OperationStatus.Done
            && numRead == trimmed.Length && numWritten == Size;
        return isHex || (Convert.TryFromBase64Chars(trimmed, bytes, out int length) && length == Size) ? new ClusterKey(bytes) : null;
    }

    /// <summary>Writes the HMAC-SHA256 of data under this key.</summary>
    /// <param name="data">What is signed.</param>
    /// <param name="destination"><see cref="MacSize"/> bytes.</param>
    public void Sign(ReadOnlySpan<byte> data, Span<byte> destination) => HMACSHA256.HashData(_bytes, data, destination);

    /// <summary>Whether a code is this key's for these data; takes the same time wherever the two differ.</summary>
    public bool Verify(ReadOnlySpan<byte> data, ReadOnlySpan<byte> mac)
    {
        Span<byte> expected = stackalloc byte[MacSize];
        Sign(data, expected);
        return CryptographicOperations.FixedTimeEquals(expected, mac);
    }

    /// <summary>Nothing of the key.</summary>
    public override string ToString() => "cluster key (not shown)";

    /// <summary>The key itself, for the store that keeps it; in hexadecimal digits.</summary>
    internal string Reveal() => Convert.ToHexString(_bytes);

    /// <summary>Tells two keys apart without giving them away.</summary>
    public string Fingerprint(string clusterId)
    {
        byte[] mac = new byte[MacSize];
        Sign(Encoding.UTF8.GetBytes($"dynamo cluster key of {clusterId}"), mac);
        return Convert.ToHexString(mac);
    }
}
