namespace Dynamo.Routing.Configuration;

/// <summary>When requests are held at the router instead of piling up at workers, and for how long.</summary>
public sealed record HoldOptions
{
    /// <summary>Requests that may wait for their first token at one worker.</summary>
    public int MaxQueued { get; init; } = 16;

    /// <summary>Held requests that are compared each time one can be sent.</summary>
    public int Window { get; init; } = 64;

    /// <summary>What a millisecond of waiting is worth, in milliseconds of work that a shorter request would take.</summary>
    public double AgeWeight { get; init; } = 0.1;

    /// <summary>Held for longer, a request may go where its prompt does not fit beside the others.</summary>
    public double MaxFitMilliseconds { get; init; } = 60_000;

    /// <summary>Held for longer, a request that moves may go to a worker of another numerics class than the one that made its text so far.</summary>
    public double MaxClassMilliseconds { get; init; } = 5_000;

    /// <summary>Requests that may be held; the next is refused as overload. <see langword="null"/>: any number.</summary>
    public int? MaxHeld { get; init; }

    /// <summary>How long a request may be held before it is refused as overload. <see langword="null"/>: as long as it takes.</summary>
    public double? MaxHeldMilliseconds { get; init; }
}
