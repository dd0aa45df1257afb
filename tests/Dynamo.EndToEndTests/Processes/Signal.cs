namespace Dynamo.EndToEndTests.Processes;

/// <summary>Signals of Linux that tests send, by their numbers.</summary>
internal enum Signal
{
    /// <summary>The process is gone at once.</summary>
    Kill = 9,

    /// <summary>The process is asked to end.</summary>
    Terminate = 15,

    /// <summary>A process that stands still goes on.</summary>
    Continue = 18,

    /// <summary>The process stands still; its sockets stay open.</summary>
    Stop = 19,
}
