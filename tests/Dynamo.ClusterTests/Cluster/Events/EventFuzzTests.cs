using Dynamo.Cluster.Events;
using Dynamo.Protocol.KV;
using Microsoft.Extensions.Time.Testing;
using Xunit;

namespace Dynamo.ClusterTests.Cluster.Events;

/// <summary>Batches are lost, doubled and overtaken, questions fail; whenever nothing is missing the listener holds exactly what the worker does.</summary>
public sealed class EventFuzzTests
{
    private const int NumBatches = 20_000;
    private const double FaultRate = 0.01;

    [Theory]
    [InlineData(1, 4096)]
    [InlineData(2, 4096)]
    [InlineData(3, 40)]
    [InlineData(4, 40)]
    [InlineData(5, 3)]
    public void Accept_RandomFaults_EqualOnceTheGapCloses(int seed, int maxEvents)
    {
        Random random = new(seed);
        FakeTimeProvider time = new();
        HeldBlocks held = new();
        EventCounts counts = new();
        ScriptedWorker worker = new(numSlots: 500, maxEvents, pageSize: 64);
        WorkerEventStream stream = new(worker.Id, worker.Generation, held, time, counts);
        ulong lastKey = 0;
        Queue<ulong> gone = [];
        List<EventBatch> overtaken = [];
        int numExact = 0;
        for (int i = 0; i < NumBatches; i++)
        {
            EventBatch batch = worker.Batch([.. Enumerable.Range(0, random.Next(1, 4)).Select(_ => Change())]);
            Deliver(random.Next(10) == 0 ? batch with { Load = worker.Load() } : batch);
            time.Advance(TimeSpan.FromMilliseconds(random.Next(20)));

            // Answers take a while, and some never come.
            if (random.Next(3) == 0 && stream.NextAsk() is { Kind: not EventAskKind.None } ask && random.NextDouble() >= FaultRate)
            {
                worker.Answer(stream, ask);
            }

            if (stream.IsCurrent && stream.Last == worker.Last)
            {
                numExact++;
                Assert.True(worker.Held.Count == held.NumBlocks(worker.Id) && held.Of(worker.Id).All(worker.Held.Contains), $"batch {i}");
            }
        }

        overtaken.ForEach(stream.Accept);
        stream.Accept(worker.Report());
        time.Advance(WorkerEventStream.GapTimeout);
        worker.AnswerAll(stream);

        Assert.Equal(worker.Last, stream.Last);
        Assert.Equal(worker.Held.Order(), held.Of(worker.Id).Order());
        Assert.True(counts.NumDoubles > 50 && counts.NumGaps > 50 && numExact > NumBatches / 10, $"{counts.NumDoubles} doubles, {counts.NumGaps} gaps, {numExact} exact");
        Assert.Equal(maxEvents < 4096, counts.NumLists > 0);

        KVEvent Change()
        {
            int count = random.Next(1, 5);
            int what = random.Next(2000);
            if (what == 0)
            {
                return worker.Clear();
            }

            if (worker.Held.Count < count || (what % 2 == 0 && worker.NumFree >= count))
            {
                ulong? parent = worker.Held.Count == 0 || random.Next(4) == 0 ? null : worker.Held.ElementAt(random.Next(worker.Held.Count));
                return worker.Store(parent, [.. Enumerable.Range(0, count).Select(_ => NextKey())]);
            }

            int first = random.Next(worker.Held.Count - count + 1);
            ulong[] removed = [.. worker.Held.Skip(first).Take(count)];
            Array.ForEach(removed, gone.Enqueue);
            return worker.Remove(removed);
        }

        // Half of the blocks are computed again some time after they left, in another place.
        ulong NextKey() => gone.Count > 20 && random.Next(2) == 0 ? gone.Dequeue() : ++lastKey;

        void Deliver(EventBatch batch)
        {
            double chance = random.NextDouble();
            if (chance < FaultRate)
            {
                return;
            }

            if (chance < 2 * FaultRate)
            {
                overtaken.Add(batch);
                return;
            }

            stream.Accept(batch);
            if (chance < 3 * FaultRate)
            {
                stream.Accept(batch);
            }

            if (overtaken.Count > 0 && random.Next(2) == 0)
            {
                stream.Accept(overtaken[0]);
                overtaken.RemoveAt(0);
            }
        }
    }
}
