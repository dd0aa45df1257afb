using System.Runtime.InteropServices;
using System.Text;

namespace Dynamo.Benchmarks.Models;

/// <summary>Writes the random model as llama.cpp reads it: GGUF version 3, the same bfloat16 numbers, no vocabulary.</summary>
/// <remarks>Format: github.com/ggml-org/ggml, docs/gguf.md. Little-endian.</remarks>
internal static class GgufWriter
{
    private const int Alignment = 32;
    private const uint TypeF32 = 0;
    private const uint TypeBF16 = 30;

    // general.file_type, LLAMA_FTYPE_MOSTLY_BF16.
    private const uint FileTypeBF16 = 32;

    private enum ValueType : uint
    {
        UInt32 = 4,
        Float32 = 6,
        String = 8,
    }

    public static void Write(string path)
    {
        using FileStream file = File.Create(path);
        using BinaryWriter writer = new(file);
        (string Key, object Value)[] metadata = Metadata();
        writer.Write("GGUF"u8);
        writer.Write(3u);
        writer.Write((ulong)RandomModel.Tensors.Count);
        writer.Write((ulong)metadata.Length);
        foreach ((string key, object value) in metadata)
        {
            WriteValue(writer, key, value);
        }

        ulong offset = 0;
        foreach (RandomTensor tensor in RandomModel.Tensors)
        {
            WriteInfo(writer, tensor, offset);
            offset += Aligned(ByteLength(tensor));
        }

        Pad(writer);
        foreach (RandomTensor tensor in RandomModel.Tensors)
        {
            writer.Flush();
            file.Write(Bytes(tensor));
            Pad(writer);
        }
    }

    private static (string Key, object Value)[] Metadata() =>
    [
        ("general.architecture", "llama"),
        ("general.name", "random"),
        ("general.file_type", FileTypeBF16),
        ("llama.vocab_size", (uint)RandomModel.VocabularySize),
        ("llama.context_length", (uint)RandomModel.MaxPositions),
        ("llama.embedding_length", (uint)RandomModel.HiddenSize),
        ("llama.block_count", (uint)RandomModel.NumLayers),
        ("llama.feed_forward_length", (uint)RandomModel.IntermediateSize),
        ("llama.attention.head_count", (uint)RandomModel.NumHeads),
        ("llama.attention.head_count_kv", (uint)RandomModel.NumKVHeads),
        ("llama.attention.layer_norm_rms_epsilon", RandomModel.RmsNormEpsilon),
        ("llama.rope.dimension_count", (uint)RandomModel.HeadDim),
        ("llama.rope.freq_base", RandomModel.RopeTheta),
        ("tokenizer.ggml.model", "no_vocab"),
    ];

    private static void WriteValue(BinaryWriter writer, string key, object value)
    {
        WriteText(writer, key);
        switch (value)
        {
            case uint number:
                writer.Write((uint)ValueType.UInt32);
                writer.Write(number);
                break;
            case float number:
                writer.Write((uint)ValueType.Float32);
                writer.Write(number);
                break;
            case string text:
                writer.Write((uint)ValueType.String);
                WriteText(writer, text);
                break;
            default:
                throw new ArgumentException($"GGUF metadata of type {value.GetType().Name} is not written here.", nameof(value));
        }
    }

    private static void WriteInfo(BinaryWriter writer, RandomTensor tensor, ulong offset)
    {
        WriteText(writer, tensor.GgufName);
        writer.Write(tensor.Rows is null ? 1u : 2u);

        // The fastest dimension first.
        writer.Write((ulong)tensor.Columns);
        if (tensor.Rows is { } rows)
        {
            writer.Write((ulong)rows);
        }

        writer.Write(tensor.Rows is null ? TypeF32 : TypeBF16);
        writer.Write(offset);
    }

    private static void WriteText(BinaryWriter writer, string text)
    {
        byte[] bytes = Encoding.UTF8.GetBytes(text);
        writer.Write((ulong)bytes.Length);
        writer.Write(bytes);
    }

    private static void Pad(BinaryWriter writer)
    {
        writer.Flush();
        ulong position = (ulong)writer.BaseStream.Position;
        writer.Write(new byte[Aligned(position) - position]);
    }

    private static ulong Aligned(ulong value) => (value + Alignment - 1) / Alignment * Alignment;

    private static ulong ByteLength(RandomTensor tensor) => (ulong)tensor.Length * (tensor.Rows is null ? 4u : 2u);

    private static ReadOnlySpan<byte> Bytes(RandomTensor tensor)
    {
        ushort[] numbers = tensor.Generate();
        if (tensor.Rows is not { } rows)
        {
            // llama.cpp keeps norm weights in float32; every bfloat16 is one.
            return MemoryMarshal.AsBytes<float>(Array.ConvertAll(numbers, static bits => BitConverter.UInt32BitsToSingle((uint)bits << 16)));
        }

        return MemoryMarshal.AsBytes<ushort>(tensor.IsRotated ? Interleaved(numbers, rows, tensor.Columns) : numbers);
    }

    // Rotary pairs are (i, i + half) on model hubs and neighbours (2i, 2i + 1) in llama.cpp's llama architecture.
    private static ushort[] Interleaved(ushort[] numbers, int rows, int columns)
    {
        const int half = RandomModel.HeadDim / 2;
        ushort[] result = new ushort[numbers.Length];
        for (int row = 0; row < rows; row++)
        {
            int head = row / RandomModel.HeadDim * RandomModel.HeadDim;
            int inHead = row - head;
            int target = head + (inHead < half ? 2 * inHead : (2 * (inHead - half)) + 1);
            numbers.AsSpan(row * columns, columns).CopyTo(result.AsSpan(target * columns));
        }

        return result;
    }
}
