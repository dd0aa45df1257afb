using Dynamo.Serving.Streams;

namespace Dynamo.Serving.Generation;

/// <summary>Runs sequences somewhere in the cluster: routes, submits, follows. What an HTTP handler calls; thread-safe.</summary>
public interface IGenerator
{
    /// <summary>
    /// Starts one sequence and returns once a worker has admitted it, so that refusals come before a response stream is opened.
    /// </summary>
    /// <param name="model">Name of the model.</param>
    /// <param name="sequence">Prompt and parameters, already validated against the model.</param>
    /// <param name="cancellationToken">Gives up waiting for admission. After that, dispose the stream.</param>
    /// <exception cref="NoWorkerException">No instance of the model is ready (HTTP 503).</exception>
    /// <exception cref="OverloadedException">Every instance refuses more work now (HTTP 529).</exception>
    /// <exception cref="RequestRefusedException">The engine says the request can never run (HTTP 400).</exception>
    Task<ISequenceStream> StartAsync(string model, SequenceSpec sequence, CancellationToken cancellationToken);
}
