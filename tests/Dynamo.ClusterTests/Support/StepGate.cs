using Dynamo.Engine.Mock;

namespace Dynamo.ClusterTests.Support;

/// <summary>Holds engines between two steps: each step takes one permit. The cluster opens it for good before it stops, so nothing waits for ever.</summary>
internal sealed class StepGate
{
    private readonly SemaphoreSlim _permits = new(0);
    private volatile bool _isOpen;

    /// <summary>A mock model behind this gate.</summary>
    public MockModelConfig Model => new() { BeforeStep = _ => Pass() };

    /// <summary>Lets so many steps pass.</summary>
    public void Allow(int numSteps) => _permits.Release(numSteps);

    /// <summary>Lets every step pass from now on.</summary>
    public void Open()
    {
        _isOpen = true;
        _permits.Release(1000);
    }

    private void Pass()
    {
        if (!_isOpen)
        {
            _permits.Wait();
        }
    }
}
