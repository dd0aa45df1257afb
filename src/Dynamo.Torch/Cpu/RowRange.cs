namespace Dynamo.Torch.Cpu;

/// <summary>Neighbouring rows of one sequence.</summary>
internal struct RowRange
{
    public int Sequence;
    public int Begin;
    public int End;
}
