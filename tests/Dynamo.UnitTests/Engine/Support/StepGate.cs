using Dynamo.Engine.Execution;

namespace Dynamo.UnitTests.Engine.Support;

/// <summary>Holds an engine before each step until the test lets it go, so that nothing depends on who is faster.</summary>
internal sealed class StepGate
{
    private static readonly TimeSpan Timeout = TimeSpan.FromSeconds(60);
    private readonly SemaphoreSlim _arrived = new(0);
    private readonly SemaphoreSlim _go = new(0);
    private volatile bool _isOpen;

    /// <summary>For <c>MockModelConfig.BeforeStep</c>.</summary>
    public void BeforeStep(StepBatch batch)
    {
        if (_isOpen)
        {
            return;
        }

        _arrived.Release();
        if (!_go.Wait(Timeout))
        {
            throw new TimeoutException("The test never let the step go.");
        }
    }

    /// <summary>Waits until a step is planned and held.</summary>
    public async Task ArrivedAsync()
    {
        if (!await _arrived.WaitAsync(Timeout))
        {
            throw new TimeoutException("The engine never began another step.");
        }
    }

    /// <summary>Lets the step that is held go.</summary>
    public void Pass() => _go.Release();

    /// <summary>Lets this step and all later ones go.</summary>
    public void Open()
    {
        _isOpen = true;
        _go.Release();
    }
}
