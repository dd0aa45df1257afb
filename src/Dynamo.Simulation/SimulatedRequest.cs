using Dynamo.Simulation.Traces;

namespace Dynamo.Simulation;

/// <summary>A request on its way through the simulation, and what it got. Moments are simulated milliseconds.</summary>
public sealed class SimulatedRequest
{
    internal SimulatedRequest(int index, TraceRequest trace, double arrival) => (Index, Trace, Arrival) = (index, trace, arrival);

    /// <summary>Its place in the trace.</summary>
    public int Index { get; }

    /// <summary>What it asks for.</summary>
    public TraceRequest Trace { get; }

    /// <summary>When it came to the router.</summary>
    public double Arrival { get; internal set; }

    /// <summary>Keys of the prompt's full blocks, while it is under way.</summary>
    public ulong[] Keys { get; internal set; } = [];

    /// <summary>The worker it went to, counted from 0.</summary>
    public int Worker { get; internal set; } = -1;

    /// <summary>When a worker first took it into a step.</summary>
    public double? FirstAdmit { get; internal set; }

    /// <summary>End of the step that gave its first token.</summary>
    public double FirstToken { get; private set; }

    /// <summary>End of the step that gave its newest token.</summary>
    public double LastToken { get; private set; }

    /// <summary>Tokens so far.</summary>
    public int NumOutputTokens { get; private set; }

    /// <summary>Prompt tokens that the worker had.</summary>
    public int NumReusedTokens { get; internal set; }

    /// <summary>Whether it has all its tokens.</summary>
    public bool IsFinished => NumOutputTokens == Trace.OutputLength;

    /// <summary>Takes a token.</summary>
    /// <returns>Milliseconds since the token before, or <see langword="null"/> for the first.</returns>
    internal double? Take(double now)
    {
        double? gap = NumOutputTokens == 0 ? null : now - LastToken;
        FirstToken = NumOutputTokens == 0 ? now : FirstToken;
        LastToken = now;
        NumOutputTokens++;
        return gap;
    }
}
