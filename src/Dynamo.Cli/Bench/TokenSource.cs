namespace Dynamo.Cli.Bench;

/// <summary>Runs of token ids that look random and are the same each time: a run is named by its kind, its number and the seed. Thread-safe.</summary>
/// <param name="seed">Other seeds give other runs.</param>
/// <param name="low">Least id.</param>
/// <param name="high">Greatest id.</param>
internal sealed class TokenSource(int seed, int low, int high)
{
    // 2^64 divided by the golden ratio: steps that visit everything.
    private const ulong Step = 0x9E3779B97F4A7C15;

    private readonly uint _numIds = (uint)(high - low + 1);

    /// <summary>What a run is for; equal numbers of different kinds are different runs.</summary>
    public enum Kind
    {
        /// <summary>The part of a prompt that no other has.</summary>
        Own,

        /// <summary>The head that a group of prompts shares.</summary>
        Head,

        /// <summary>A block of a trace.</summary>
        Block,

        /// <summary>The prompt of a request before those that count.</summary>
        WarmUp,

        /// <summary>Which group a prompt is of.</summary>
        Group,
    }

    /// <summary>Fills a span with a run's first ids.</summary>
    public void Fill(Span<int> tokens, Kind kind, long number)
    {
        ulong name = NameOf(kind, number);
        for (int i = 0; i < tokens.Length; i++)
        {
            name += Step;
            tokens[i] = low + Below(_numIds, Mix(name));
        }
    }

    /// <summary>Draws a group for a prompt, each as likely.</summary>
    public int GroupOf(long number, int numGroups) => Below((uint)numGroups, NameOf(Kind.Group, number));

    private ulong NameOf(Kind kind, long number) => Mix(Mix((((ulong)(uint)seed << 8) | (uint)kind) + Step) ^ (ulong)number);

    private static int Below(uint limit, ulong random) => (int)(((random >> 32) * limit) >> 32);

    // SplitMix64's finaliser (Steele, Lea, Flood: Fast splittable pseudorandom number generators, 2014).
    private static ulong Mix(ulong value)
    {
        value = (value ^ (value >> 30)) * 0xBF58476D1CE4E5B9;
        value = (value ^ (value >> 27)) * 0x94D049BB133111EB;
        return value ^ (value >> 31);
    }
}
