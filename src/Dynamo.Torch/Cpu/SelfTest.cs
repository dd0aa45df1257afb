using Dynamo.Engine.Execution;
using Dynamo.Torch.Layers;

namespace Dynamo.Torch.Cpu;

/// <summary>
/// Checks at every start what a numerics class promises: that a row has the same bits alone and in any batch. Whole steps first, which also
/// warm up, then each layer by itself: one of each shape thoroughly, since layers of one shape run the same code, then all others.
/// </summary>
internal static class SelfTest
{
    /// <summary>Time that layers may take beyond the trials that are always made.</summary>
    public static readonly TimeSpan LayersTime = TimeSpan.FromMilliseconds(500);

    /// <summary>Runs it on a prepared model, whose cache it overwrites.</summary>
    /// <param name="model">The weights.</param>
    /// <param name="step">The pass over them.</param>
    /// <param name="limits">Limits of a step.</param>
    /// <param name="numBlocks">Blocks of the cache.</param>
    /// <param name="time">Clock of the time that layers may take.</param>
    /// <param name="layersTime">That time.</param>
    /// <returns>Whether every comparison was equal.</returns>
    public static bool Holds<TActivation, T>(
        DecoderModel<TActivation, T> model, CpuStep<TActivation, T> step, StepLimits limits, int numBlocks, TimeProvider time, TimeSpan layersTime)
        where TActivation : unmanaged
        where T : unmanaged
    {
        using StepCheck<TActivation, T> steps = new(step, limits, numBlocks, model.Config);
        bool isExact = steps.Run();
        HashSet<(int, int)> shapes = [];
        List<LinearLayer<TActivation>> first = [];
        List<LinearLayer<TActivation>> others = [];
        foreach (LinearLayer<TActivation> linear in model.Linears)
        {
            (shapes.Add((linear.NumInputs, linear.NumOutputs)) ? first : others).Add(linear);
        }

        long start = time.GetTimestamp();
        int numDone = 0;
        isExact &= LayerCheck.Holds(model.Head, Until(0.2));
        foreach (LinearLayer<TActivation> linear in first)
        {
            isExact &= LayerCheck.Holds(linear, Until(0.2 + (0.4 * ++numDone / first.Count)));
        }

        numDone = 0;
        foreach (LinearLayer<TActivation> linear in others)
        {
            // What is left over belongs to all others alike; none is begun when it is spent.
            Func<bool> isSpent = Until(0.6 + (0.4 * ++numDone / others.Count));
            isExact &= isSpent() || LayerCheck.Holds(linear, isSpent);
        }

        return isExact;

        Func<bool> Until(double share) => () => time.GetElapsedTime(start) >= layersTime * share;
    }
}
