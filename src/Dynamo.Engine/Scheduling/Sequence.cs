using Dynamo.Protocol.KV;
using Dynamo.Protocol.Requests;

namespace Dynamo.Engine.Scheduling;

/// <summary>Where a sequence is in its life.</summary>
internal enum SequenceState : byte
{
    /// <summary>Not yet seen by the engine thread.</summary>
    New,

    /// <summary>In the queue, holding no blocks; new or preempted.</summary>
    Waiting,

    /// <summary>Holding a slot and blocks; part of every step that has room.</summary>
    Running,

    /// <summary>Over; holds nothing.</summary>
    Finished,

    /// <summary>Holding a slot and blocks, in no step: its keys and values are on their way to or from another engine.</summary>
    Parked,
}

/// <summary>Tokens and state of one request in the engine. The engine thread's.</summary>
internal sealed class Sequence
{
    private int[] _tokens;
    private SequenceHash[] _hashes;
    private int _numHashes;

    public Sequence(GenerationRequest request, object? tag, int maxModelLength)
    {
        Id = request.Id;
        Attempt = request.Attempt;
        Tag = tag;
        Sampling = request.Sampling;
        NumPromptTokens = request.NumPromptTokens;
        Root = BlockHasher.Root(request.CacheSalt);
        MaxNumTokens = (int)Math.Min(maxModelLength, (long)request.NumPromptTokens + request.Sampling.MaxTokens);

        NumTokens = request.TokenIds.Count;
        _tokens = new int[Math.Min(MaxNumTokens, NumTokens + 256)];
        for (int i = 0; i < NumTokens; i++)
        {
            _tokens[i] = request.TokenIds[i];
        }

        _hashes = new SequenceHash[16];
    }

    public RequestId Id { get; }

    public int Attempt { get; }

    public object? Tag { get; }

    public SamplingParameters Sampling { get; }

    /// <summary>Parent of the first block: the tenant's root.</summary>
    public SequenceHash Root { get; }

    public SequenceState State { get; set; }

    public int NumPromptTokens { get; }

    /// <summary>Prompt and output so far.</summary>
    public int NumTokens { get; private set; }

    /// <summary>Output so far, counting what came before the request moved here.</summary>
    public int NumOutputTokens => NumTokens - NumPromptTokens;

    /// <summary>No token is appended beyond this.</summary>
    public int MaxNumTokens { get; }

    /// <summary>Tokens whose keys and values are in the sequence's blocks; chases <see cref="NumTokens"/>.</summary>
    public int NumComputedTokens { get; set; }

    /// <summary>Tokens of this step.</summary>
    public int NumScheduledTokens { get; set; }

    /// <summary>Row of the block tables while running.</summary>
    public int Slot { get; set; }

    /// <summary>A plan has told that it took <see cref="Slot"/>, so another one must tell of its end.</summary>
    public bool HasStarted { get; set; }

    /// <summary>Blocks in the slot's row.</summary>
    public int NumBlocks { get; set; }

    /// <summary>Full blocks already offered to the prefix cache.</summary>
    public int NumCachedBlocks { get; set; }

    /// <summary>Tokens found in the prefix cache at first admission; <see langword="null"/> before it.</summary>
    public int? NumCachedTokens { get; set; }

    /// <summary>Row of the step's logits, or <see langword="null"/> when the step ends inside the prompt.</summary>
    public int? LogitRow { get; set; }

    /// <summary>Neighbours in the waiting queue.</summary>
    public Sequence? NextWaiting { get; set; }

    /// <summary>See <see cref="NextWaiting"/>.</summary>
    public Sequence? PreviousWaiting { get; set; }

    /// <summary>
    /// Tokens to compute before the next one can be chosen: all that are left of a prompt or of what a preemption dropped, none once the
    /// sequence decodes.
    /// </summary>
    public int NumPrefillTokens =>
        NumComputedTokens >= NumPromptTokens && NumTokens - NumComputedTokens == 1 ? 0 : NumTokens - NumComputedTokens;

    public ReadOnlySpan<int> Tokens => _tokens.AsSpan(0, NumTokens);

    /// <summary>The tokens of this moment; later ones are appended behind them or in another array.</summary>
    public ReadOnlyMemory<int> TokensSoFar => _tokens.AsMemory(0, NumTokens);

    public void Append(int token)
    {
        if (NumTokens == _tokens.Length)
        {
            Array.Resize(ref _tokens, Math.Min(MaxNumTokens, 2 * NumTokens));
        }

        _tokens[NumTokens++] = token;
    }

    /// <summary>Chained hash of full block <paramref name="index"/>, computed once.</summary>
    public SequenceHash BlockHash(int index, int blockSize)
    {
        if (index >= _hashes.Length)
        {
            Array.Resize(ref _hashes, Math.Max(index + 1, 2 * _hashes.Length));
        }

        for (; _numHashes <= index; _numHashes++)
        {
            _hashes[_numHashes] = BlockHasher.Chain(ParentHash(_numHashes), _tokens.AsSpan(_numHashes * blockSize, blockSize));
        }

        return _hashes[index];
    }

    /// <summary>Hash of the block before <paramref name="index"/>, which must have been computed.</summary>
    public SequenceHash ParentHash(int index) => index == 0 ? Root : _hashes[index - 1];
}
