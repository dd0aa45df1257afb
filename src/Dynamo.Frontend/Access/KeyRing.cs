using System.Security.Cryptography;
using System.Text;

namespace Dynamo.Frontend.Access;

/// <summary>Keys that open something. Only their hashes are kept, and comparing takes as long whatever is given. Thread-safe.</summary>
internal sealed class KeyRing
{
    private readonly byte[][] _hashes;

    public KeyRing(IEnumerable<string> keys) => _hashes = [.. keys.Select(static key => SHA256.HashData(Encoding.UTF8.GetBytes(key)))];

    /// <summary>Whether there is none.</summary>
    public bool IsEmpty => _hashes.Length == 0;

    /// <summary>Whether one of them was given.</summary>
    public bool Contains(string given)
    {
        Span<byte> hash = stackalloc byte[SHA256.HashSizeInBytes];
        SHA256.HashData(Encoding.UTF8.GetBytes(given), hash);
        bool isKnown = false;
        foreach (byte[] known in _hashes)
        {
            isKnown |= CryptographicOperations.FixedTimeEquals(hash, known);
        }

        return isKnown;
    }
}
