using Dynamo.Protocol.KV;

namespace Dynamo.Benchmarks.Prefixes;

/// <summary>Makes a script from a seed.</summary>
/// <remarks>
/// Sessions begin with one of a few system prompts and grow by a question and an answer each turn; nine of ten turns go where the last went.
/// </remarks>
internal sealed class ReplayLoad
{
    private const int NumWorkers = 64;
    private const long NumStored = 3_000_000;
    private const int NumSystemPrompts = 8;

    private readonly Random _random;
    private readonly ReplayShape _shape;
    private readonly FleetRecorder _fleet = new(NumWorkers, ReplayScript.BlocksPerWorker);
    private readonly Session[] _sessions;
    private long _nextSequence = NumSystemPrompts;

    private ReplayLoad(int seed, ReplayShape shape)
    {
        _random = new Random(seed);
        _shape = shape;
        _sessions = new Session[NumWorkers * shape.SessionsPerWorker];
    }

    /// <summary>Makes one.</summary>
    /// <param name="seed">Equal seeds, equal loads.</param>
    /// <param name="shape">What sessions are like.</param>
    public static ReplayScript Make(int seed, ReplayShape shape)
    {
        ReplayLoad load = new(seed, shape);
        while (!load._fleet.IsFull)
        {
            load.Turn();
        }

        int numFill = load._fleet.Ops.Count;
        for (long goal = load._fleet.NumStored + NumStored; load._fleet.NumStored < goal;)
        {
            load.Turn();
        }

        return new ReplayScript(shape.Name, NumWorkers, load._fleet.Ops.ToArray(), numFill);
    }

    private void Turn()
    {
        int number = _random.Next(_sessions.Length);
        Session? session = _sessions[number];
        if (session is null || session.Keys.Count > _shape.MaxContext || _random.Next(_shape.MeanTurns) == 0)
        {
            int system = Math.Min(_random.Next(NumSystemPrompts), _random.Next(NumSystemPrompts));
            session = _sessions[number] = new Session { Worker = _random.Next(NumWorkers) };
            session.Append(system, 10 + (system * 10));
        }

        session.Append(_nextSequence++, 1 + _random.Next(_shape.MaxQuestion));
        if (_random.Next(10) == 0)
        {
            session.Worker = _random.Next(NumWorkers);
        }

        BlockKey[] prompt = [.. session.Keys];
        session.Append(_nextSequence++, 1 + _random.Next(8));
        _fleet.Request(session.Worker, prompt, [.. session.Keys]);
    }

    private sealed class Session
    {
        public required int Worker { get; set; }

        public List<BlockKey> Keys { get; } = [];

        public void Append(long sequence, int count)
        {
            for (int i = 0; i < count; i++)
            {
                Keys.Add(PrefixKeys.At(sequence, i));
            }
        }
    }
}
