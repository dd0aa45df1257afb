namespace Dynamo.Torch.Configuration;

/// <summary>Rotary position embedding of a model. Element i of a head rotates with element i + HeadDim / 2.</summary>
public sealed record RopeConfig
{
    /// <summary>Kind of scaling.</summary>
    public required RopeKind Kind { get; init; }

    /// <summary>Base of the frequencies (<c>rope_theta</c>).</summary>
    public required double Theta { get; init; }

    /// <summary>How far positions are stretched; 1 for <see cref="RopeKind.Default"/>.</summary>
    public double Factor { get; init; } = 1;

    /// <summary>Llama3: waves longer than OriginalMaxPositions / this are stretched in full.</summary>
    public double LowFrequencyFactor { get; init; } = 1;

    /// <summary>Llama3: waves shorter than OriginalMaxPositions / this are left alone.</summary>
    public double HighFrequencyFactor { get; init; } = 4;

    /// <summary>Llama3: context of the model before stretching, in tokens.</summary>
    public int OriginalMaxPositions { get; init; } = 8192;

    /// <summary>
    /// Angle per position of each rotated pair, [headDim / 2], float32 rounded where transformers rounds. The angle of pair i at position p
    /// is the float32 product of p and entry i.
    /// </summary>
    /// <param name="headDim">Elements of a head, even.</param>
    public float[] ComputeInverseFrequencies(int headDim)
    {
        float[] frequencies = new float[headDim / 2];
        for (int i = 0; i < frequencies.Length; i++)
        {
            float exponent = (2 * i) / (float)headDim;
            float frequency = 1f / (float)Math.Pow(Theta, exponent);
            frequencies[i] = Kind switch
            {
                RopeKind.Linear => frequency / (float)Factor,
                RopeKind.Llama3 => ScaleLlama3(frequency),
                _ => frequency,
            };
        }

        return frequencies;
    }

    // Llama 3.1's reference code (meta-llama/llama-models, apply_scaling), in float32 as torch computes it.
    private float ScaleLlama3(float frequency)
    {
        float wavelength = (float)(2 * Math.PI) / frequency;
        if (wavelength < (float)(OriginalMaxPositions / HighFrequencyFactor))
        {
            return frequency;
        }

        if (wavelength > (float)(OriginalMaxPositions / LowFrequencyFactor))
        {
            return frequency / (float)Factor;
        }

        float smooth = ((OriginalMaxPositions / wavelength) - (float)LowFrequencyFactor) / (float)(HighFrequencyFactor - LowFrequencyFactor);
        return ((1 - smooth) * frequency / (float)Factor) + (smooth * frequency);
    }
}
