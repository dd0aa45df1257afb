namespace Dynamo.Engine.Execution;

/// <summary>Keeps the order of calls of whoever has one step in flight at most. A mutable value: a field, never readonly. Not thread-safe.</summary>
public struct SingleStep
{
    private bool _isInFlight;

    /// <summary>Refuses a launch while a step is in flight; the first thing that a launch does.</summary>
    /// <exception cref="InvalidOperationException">One is.</exception>
    public readonly void RequireNone()
    {
        if (_isInFlight)
        {
            throw new InvalidOperationException("A step is in flight and must be collected before the next one is launched: there can be 1.");
        }
    }

    /// <summary>A step is in flight; the last thing that a launch does.</summary>
    public void Begin() => _isInFlight = true;

    /// <summary>It is collected.</summary>
    /// <exception cref="InvalidOperationException">None was in flight.</exception>
    public void End()
    {
        if (!_isInFlight)
        {
            throw new InvalidOperationException("No step is in flight that could be collected.");
        }

        _isInFlight = false;
    }
}
