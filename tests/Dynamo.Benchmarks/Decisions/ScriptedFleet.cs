using System.Globalization;
using Dynamo.Abstractions.Instances;
using Dynamo.Abstractions.Models;
using Dynamo.Abstractions.Serving;
using Dynamo.Protocol.KV;
using Dynamo.Protocol.Load;
using Dynamo.Protocol.Wire;

namespace Dynamo.Benchmarks.Decisions;

/// <summary>Stands in for workers: answers routers that ask what they hold, and names them in a model's view. A worker's generation is its number.</summary>
internal sealed class ScriptedFleet : IOutgoingGrainCallFilter
{
    private readonly Dictionary<string, List<KVEvent>[]> _events = [];

    /// <summary>Adds the workers of a model. All must be there before a router asks.</summary>
    public void Add(string model, FleetContent content)
    {
        List<KVEvent>[] events = [.. Enumerable.Range(0, content.NumWorkers).Select(static _ => new List<KVEvent>())];
        content.Fill((worker, blocks) => events[worker].Add(new KVEvent
        {
            Number = events[worker].Count + 1,
            Kind = KVEventKind.Stored,
            Blocks = blocks.ToArray(),
        }));
        _events.Add(model, events);
    }

    /// <summary>A view in which all of a model's workers are ready.</summary>
    public ModelView View(string model, SiloAddress silo) => new()
    {
        Model = model,
        Created = DateTimeOffset.UnixEpoch,
        Incarnation = Guid.NewGuid(),
        Version = 1,
        IsComplete = true,
        Instances = [.. Enumerable.Range(1, _events[model].Length).Select(generation => new InstanceReport
        {
            Key = new InstanceKey(model, silo, generation),
            Worker = new WorkerId((ulong)generation),
            State = InstanceState.Ready,
            Limits = new EngineLimits
            {
                MaxModelLength = 131_072,
                VocabularySize = 128_000,
                NumBlocks = 16_384,
                BlockSize = FleetContent.BlockSize,
                MaxNumSequences = 256,
                MaxBatchedTokens = 8192,
                NumericsClass = "scripted",
            },
        })],
    };

    public Task Invoke(IOutgoingGrainCallContext context)
    {
        if (context.InterfaceMethod.DeclaringType != typeof(IModelInstanceGrain) || context.MethodName != nameof(IModelInstanceGrain.ReadEventsAsync))
        {
            return context.Invoke();
        }

        InstanceKey key = InstanceKey.Parse(context.TargetId.Key.ToString()!);
        long first = Convert.ToInt64(context.Request.GetArgument(0), CultureInfo.InvariantCulture);
        EventBatch answer = new()
        {
            Worker = new WorkerId((ulong)key.Generation),
            Generation = key.Generation,
            Events = [.. _events[key.Model][key.Generation - 1].Skip((int)first - 1)],
        };
        context.Result = (WireMessage?)new WireMessage(WireFormat.Encode(answer));
        return Task.CompletedTask;
    }
}
