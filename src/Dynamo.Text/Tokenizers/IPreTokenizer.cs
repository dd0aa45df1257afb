namespace Dynamo.Text.Tokenizers;

/// <summary>Cuts pieces of text into smaller ones. Thread-safe.</summary>
internal interface IPreTokenizer
{
    /// <summary>Splits one piece.</summary>
    /// <param name="piece">Not empty.</param>
    /// <param name="pieces">The parts are added here, in order.</param>
    void Split(ReadOnlyMemory<char> piece, List<ReadOnlyMemory<char>> pieces);
}
