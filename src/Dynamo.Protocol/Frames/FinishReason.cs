namespace Dynamo.Protocol.Frames;

/// <summary>Why a sequence ended. Values are on the wire: append only.</summary>
public enum FinishReason : byte
{
    /// <summary>It goes on.</summary>
    None = 0,

    /// <summary>An end-of-sequence or stop token, which is the last token reported.</summary>
    Stop = 1,

    /// <summary><c>max_tokens</c> or the model's length.</summary>
    Length = 2,

    /// <summary>Aborted by its frontend. No more deltas follow.</summary>
    Aborted = 3,

    /// <summary>The engine failed; <see cref="SequenceDelta.Error"/> says how.</summary>
    Error = 4,

    /// <summary>The engine has stopped or gives the sequence back; nothing is wrong with it, and it can go on elsewhere.</summary>
    Interrupted = 5,
}
