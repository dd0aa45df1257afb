using Dynamo.Benchmarks.Prefixes;
using Dynamo.Protocol.KV;

namespace Dynamo.Benchmarks.Decisions;

/// <summary>Tells what a worker holds: consecutive blocks from the start of a sequence.</summary>
internal delegate void HeldSequence(int worker, ReadOnlySpan<BlockKey> blocks);

/// <summary>
/// What the workers of a fleet hold, and prompts that fit: all share a few system prompts; a conversation is one worker's, and in half a second
/// one's; its next turn ends with blocks that nobody has. Long documents are one worker's each.
/// </summary>
/// <param name="numWorkers">Size of the fleet.</param>
/// <param name="likeWorkers">Conversations and requests under way are those of a fleet of this size.</param>
internal sealed class FleetContent(int numWorkers, int likeWorkers)
{
    public const int BlockSize = 64;

    private const int NumHeads = 4;
    private const int HeadLength = 20;
    private const int MinTail = 40;
    private const int MaxTail = 136;
    private const int ConversationsPerWorker = 16;
    private const int BlocksPerWorker = 16_384;
    private const int NumDocuments = 64;
    private const int DocumentLength = 2000;
    private const int DocumentHeld = 1900;

    private readonly BlockKey[] _prompt = new BlockKey[DocumentLength];

    public int NumWorkers => numWorkers;

    /// <summary>See the parameter.</summary>
    public int LikeWorkers => likeWorkers;

    /// <summary>KV blocks of each worker: all together have those of a fleet of the other size.</summary>
    public int NumBlocks => BlocksPerWorker * likeWorkers / numWorkers;

    private int NumConversations => likeWorkers * ConversationsPerWorker;

    /// <summary>Blocks of the next turn of some conversation, 108 on average.</summary>
    public BlockKey[] Turn(Random random) => Conversation(random.Next(NumConversations)).ToArray();

    /// <summary>Blocks of a long document, 2,000.</summary>
    public BlockKey[] Document(Random random) => Document(random.Next(NumDocuments)).ToArray();

    /// <summary>Tells everything.</summary>
    public void Fill(HeldSequence hold)
    {
        for (int worker = 0; worker < numWorkers; worker++)
        {
            for (int head = 0; head < NumHeads; head++)
            {
                hold(worker, PrefixKeys.Write(head, _prompt.AsSpan(0, HeadLength)));
            }
        }

        for (int i = 0; i < NumConversations; i++)
        {
            ReadOnlySpan<BlockKey> prompt = Conversation(i);
            int tail = prompt.Length - HeadLength;
            hold(i % numWorkers, prompt[..^(tail / 8)]);
            hold((i + 1) % numWorkers, prompt[..(HeadLength + (tail / 2))]);
        }

        for (int i = 0; i < NumDocuments; i++)
        {
            hold(i % numWorkers, Document(i)[..DocumentHeld]);
        }
    }

    private ReadOnlySpan<BlockKey> Conversation(int number)
    {
        long sequence = NumHeads + NumDocuments + number;
        int tail = MinTail + (int)(PrefixKeys.At(sequence, 0).Value % (MaxTail - MinTail + 1));
        Span<BlockKey> prompt = _prompt.AsSpan(0, HeadLength + tail);
        PrefixKeys.Write(number % NumHeads, prompt[..HeadLength]);
        PrefixKeys.Write(sequence, prompt[HeadLength..]);
        return prompt;
    }

    private ReadOnlySpan<BlockKey> Document(int number) => PrefixKeys.Write(NumHeads + number, _prompt.AsSpan(0, DocumentLength));
}
