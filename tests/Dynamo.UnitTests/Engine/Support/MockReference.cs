using Dynamo.Engine.Mock;

namespace Dynamo.UnitTests.Engine.Support;

/// <summary>The mock model without blocks, steps and batches.</summary>
internal static class MockReference
{
    /// <summary>Logits behind the last token of a sequence: what a runner must give.</summary>
    public static void Logits(ReadOnlySpan<int> tokens, Span<float> logits)
    {
        ulong cell = 0;
        ulong sum = 0;
        foreach (int token in tokens)
        {
            cell = MockModel.Cell(cell, token);
            sum = MockModel.Attend(sum, cell);
        }

        MockModel.Project(sum, logits);
    }
}
