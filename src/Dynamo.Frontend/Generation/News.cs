using System.Threading.Channels;

namespace Dynamo.Frontend.Generation;

/// <summary>Wakes the writer of a response: many may ring, one waits, and any number of rings meanwhile count as one.</summary>
internal sealed class News
{
    // The writer goes on within the ring, on the thread that has the news: no hop from thread to thread for each token.
    private readonly Channel<bool> _bell = Channel.CreateBounded<bool>(new BoundedChannelOptions(1)
    {
        FullMode = BoundedChannelFullMode.DropWrite,
        SingleReader = true,
        AllowSynchronousContinuations = true,
    });

    /// <summary>Says that there is something new.</summary>
    public void Ring() => _bell.Writer.TryWrite(true);

    /// <summary>Waits until there is something new.</summary>
    public ValueTask<bool> WaitAsync() => _bell.Reader.ReadAsync();
}
