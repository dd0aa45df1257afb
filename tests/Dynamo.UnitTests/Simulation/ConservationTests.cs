using Dynamo.Routing.Configuration;
using Dynamo.Simulation;
using Dynamo.Simulation.Configuration;
using Dynamo.Simulation.Traces;
using Xunit;

namespace Dynamo.UnitTests.Simulation;

/// <summary>Whatever is simulated, every request gets exactly its tokens, in order, and in the end nothing is booked or held.</summary>
public sealed class ConservationTests
{
    public static TheoryData<int> Seeds => [.. Enumerable.Range(0, 200)];

    [Theory]
    [MemberData(nameof(Seeds))]
    public void AnyConfiguration_LosesNothing(int seed)
    {
        Random random = new(seed);
        TraceRequest[] trace = Trace(random);
        SimulationConfig config = Config(random, 6 + trace.Max(static request => request.InputLength + request.OutputLength) / 16);

        SimulationResult result = Simulator.Run(trace, config);

        Assert.Equal((0, 0), (result.NumBookedAtEnd, result.NumUsedBlocksAtEnd));
        Assert.Equal(result.Requests.Sum(static request => request.NumOutputTokens - 1), result.Gaps.Count);
        Assert.All(result.Gaps, static gap => Assert.True(gap > 0, $"a gap of {gap} ms"));
        Assert.All(result.Requests, request =>
        {
            Assert.True(request.IsFinished != request.HasLeft, $"request {request.Index} has {request.NumOutputTokens} tokens");
            Assert.True(request.Arrival <= request.FirstAdmit && request.FirstAdmit < request.FirstToken && request.LastToken <= result.DurationMilliseconds, $"request {request.Index} is out of order");

            // The peer counts the last admission: output that was computed before a preemption is among it.
            Assert.InRange(request.NumReusedTokens, 0, request.Trace.InputLength + request.NumOutputTokens);
            Assert.InRange(request.NumTransferredTokens, 0, request.Trace.InputLength);
        });
    }

    private static TraceRequest[] Trace(Random random)
    {
        TraceRequest[] trace = new TraceRequest[random.Next(1, 80)];
        double moment = 0;
        for (int i = 0; i < trace.Length; i++)
        {
            moment += random.Next(3) == 0 ? random.Next(200) : 0;
            int input = random.Next(1, 600);
            int conversation = random.Next(6);
            trace[i] = new TraceRequest(moment, input, random.Next(1, 60), [.. Enumerable.Range(0, (input + 63) / 64).Select(block => (long)((100 * conversation) + block))]);
        }

        return trace;
    }

    private static SimulationConfig Config(Random random, int mostBlocks)
    {
        int numWorkers = random.Next(2, 6);
        return new SimulationConfig
        {
            NumWorkers = numWorkers,
            EngineModel = random.Next(2) == 0 ? EngineModel.Own : EngineModel.Dynamo,
            Machine = new MachineConfig { BlockSize = 16, NumBlocks = mostBlocks + random.Next(40), MaxNumSequences = random.Next(1, 12), MaxBatchedTokens = random.Next(12, 400) },
            TraceBlockSize = 64,
            WorkerSpeeds = random.Next(2) == 0 ? [] : [.. Enumerable.Range(0, numWorkers).Select(_ => 0.25 + random.NextDouble())],
            Disaggregation = random.Next(4) == 0 ? null : new DisaggregationConfig
            {
                NumPrefillWorkers = random.Next(1, numWorkers),
                TransferGigabytesPerSecond = random.Next(3) == 0 ? 0 : random.Next(1, 64),
                IsConditional = random.Next(2) == 0,
            },
            Router = new RouterOptions
            {
                BlockSize = 16,
                Mode = random.Next(3) switch { 0 => RouterMode.RoundRobin, _ => RouterMode.KV },
                Cost = random.Next(2) == 0 ? RouterCost.Time : RouterCost.Dynamo,
                Hold = random.Next(2) == 0 ? null : new RouterOptions { BlockSize = 16 }.Hold,
                PredictOnRoute = random.Next(2) == 0,
            },
            Concurrency = random.Next(3) == 0 ? random.Next(1, 20) : null,
            ReportDelayMilliseconds = random.Next(2) * random.Next(300),
            EventDelayMilliseconds = random.Next(2) * random.Next(300),
            CancelRate = random.Next(2) * random.NextDouble(),
            Seed = random.Next(),
        };
    }
}
