using Dynamo.Benchmarks.Engine;
using Dynamo.Benchmarks.Models;

namespace Dynamo.Benchmarks.Probes;

/// <summary>
/// The least time that a cell can take at the probed speeds: its bytes over the bandwidth or its operations over the arithmetic peak, whichever
/// is longer. Weights that stay in a large cache are read faster than memory, so a figure above 100 % is possible.
/// </summary>
internal static class Roofline
{
    private const long OperationsPerAttendedToken = 4L * RandomModel.NumLayers * RandomModel.NumHeads * RandomModel.HeadDim;

    /// <summary>Seconds of the timed decode steps.</summary>
    public static double Decode(int batchSize, double bytesPerSecond, double operationsPerSecond)
    {
        long numWeights = RandomModel.NumLayerWeights + RandomModel.NumHeadWeights;
        double seconds = 0;
        for (int step = 0; step < Workload.NumDecodeSteps; step++)
        {
            long context = (long)batchSize * (Workload.PromptLength + step + 1);
            long bytes = (numWeights * sizeof(ushort)) + (context * RandomModel.KVBytesPerToken);
            long operations = (2 * numWeights * batchSize) + (context * OperationsPerAttendedToken);
            seconds += Math.Max(bytes / bytesPerSecond, operations / operationsPerSecond);
        }

        return seconds;
    }

    /// <summary>Seconds of the prefill cell.</summary>
    public static double Prefill(double bytesPerSecond, double operationsPerSecond)
    {
        const long length = Workload.PrefillLength;
        long bytes = (RandomModel.NumLayerWeights + RandomModel.NumHeadWeights) * sizeof(ushort);
        long operations = (2 * ((RandomModel.NumLayerWeights * length) + RandomModel.NumHeadWeights)) + (length * (length + 1) / 2 * OperationsPerAttendedToken);
        return Math.Max(bytes / bytesPerSecond, operations / operationsPerSecond);
    }
}
