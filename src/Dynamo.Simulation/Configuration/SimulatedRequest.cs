using Dynamo.Protocol.KV;
using Dynamo.Protocol.Requests;
using Dynamo.Simulation.Traces;

namespace Dynamo.Simulation.Configuration;

/// <summary>A request on its way through the simulation, and what it got. Moments are simulated milliseconds.</summary>
public sealed class SimulatedRequest
{
    internal SimulatedRequest(int index, TraceRequest trace) =>
        (Index, Trace, Id) = (index, trace, new RequestId(new Guid(index, 0, 0, [0, 0, 0, 0, 0, 0, 0, 0])));

    /// <summary>Its place in the trace.</summary>
    public int Index { get; }

    /// <summary>What it asks for.</summary>
    public TraceRequest Trace { get; }

    /// <summary>When it came to the router.</summary>
    public double Arrival { get; internal set; }

    /// <summary>Keys of the prompt's full blocks, while it is under way.</summary>
    public BlockKey[] Keys { get; internal set; } = [];

    /// <summary>Its name at the routers.</summary>
    public RequestId Id { get; }

    /// <summary>The worker that computed its prompt, counted from 0.</summary>
    public int Worker { get; internal set; } = -1;

    /// <summary>The worker that gave its later tokens, where prefill and decode are apart; the same as <see cref="Worker"/> when that had prefill to do.</summary>
    public int? DecodeWorker { get; internal set; }

    /// <summary>Prompt tokens whose keys and values went from one to the other.</summary>
    public int NumTransferredTokens { get; internal set; }

    /// <summary>Milliseconds from its first token until its transfer began: for a decode worker with room.</summary>
    public double? TransferWaitMilliseconds { get; internal set; }

    /// <summary>Milliseconds that its transfer took.</summary>
    public double TransferMilliseconds { get; internal set; }

    /// <summary>Tokens after which its client leaves; <see langword="null"/>: it stays.</summary>
    public int? LeavesAfter { get; internal set; }

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

    /// <summary>Whether its client has left before that.</summary>
    public bool HasLeft => NumOutputTokens == LeavesAfter;

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
