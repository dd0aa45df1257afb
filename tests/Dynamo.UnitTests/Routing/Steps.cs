using Dynamo.Routing.Workers;

namespace Dynamo.UnitTests.Routing;

/// <summary>Steps of a worker of known speed.</summary>
internal static class Steps
{
    /// <summary>Step <paramref name="i"/>: every second one has prompts; prompts and blocks in use are of all sizes.</summary>
    /// <param name="i">Which, from 0.</param>
    /// <param name="prefill">Milliseconds of a prompt token.</param>
    /// <param name="decode">Milliseconds of decoding with empty blocks.</param>
    /// <param name="full">What is added to that with full ones.</param>
    public static StepSample At(int i, double prefill, double decode, double full)
    {
        int used = i * 37 % 100;
        int tokens = i % 2 == 0 ? 0 : 10 + (i * 71 % 990);
        return new StepSample(tokens, 4, decode + (full * used / 100) + (prefill * tokens), used, 100);
    }

    /// <summary>The first <paramref name="count"/> steps, one after the other.</summary>
    public static void Run(double prefill, double decode, double full, int count, Action<StepSample> learn)
    {
        for (int i = 0; i < count; i++)
        {
            learn(At(i, prefill, decode, full));
        }
    }
}
