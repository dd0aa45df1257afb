namespace Dynamo.Cli.Bench;

/// <summary>Sends requests to who is measured, or to a test. Thread-safe.</summary>
internal interface IRequestSender
{
    /// <summary>Makes a request ready; done before its time.</summary>
    PreparedRequest Prepare(int index);

    /// <summary>Sends it and waits for its end, whatever that is.</summary>
    /// <param name="request">The request.</param>
    /// <param name="intended">When it was meant to be sent.</param>
    /// <param name="cancellationToken">Ends the run; the request is then cut.</param>
    /// <returns>Whether a server took it: one was there and had room.</returns>
    Task<bool> SendAsync(PreparedRequest request, TimeSpan intended, CancellationToken cancellationToken);
}
