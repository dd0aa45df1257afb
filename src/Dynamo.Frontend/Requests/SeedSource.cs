using System.Security.Cryptography;
using Dynamo.Frontend.Configuration;

namespace Dynamo.Frontend.Requests;

/// <summary>
/// Draws seeds for requests that name none, so that a sequence that moves to another worker draws the same numbers there. Thread-safe.
/// </summary>
/// <param name="options">Whose <see cref="FrontendOptions.Seed"/> makes the seeds the same after each start, in the order of requests.</param>
internal sealed class SeedSource(FrontendOptions options)
{
    // SplitMix64: a counter and a mixing of its bits (Steele, Lea, Flood 2014).
    private const ulong Step = 0x9e3779b97f4a7c15;

    private ulong _state = options.Seed is { } seed ? unchecked((ulong)seed) : BitConverter.ToUInt64(RandomNumberGenerator.GetBytes(sizeof(ulong)));

    /// <summary>The next one.</summary>
    public ulong Next()
    {
        unchecked
        {
            ulong mixed = Interlocked.Add(ref _state, Step);
            mixed = (mixed ^ (mixed >> 30)) * 0xbf58476d1ce4e5b9;
            mixed = (mixed ^ (mixed >> 27)) * 0x94d049bb133111eb;
            return mixed ^ (mixed >> 31);
        }
    }
}
