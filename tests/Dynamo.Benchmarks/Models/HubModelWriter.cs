using System.Runtime.InteropServices;
using System.Text.Json;

namespace Dynamo.Benchmarks.Models;

/// <summary>Writes the random model as model hubs lay it out: config.json and model.safetensors.</summary>
internal static class HubModelWriter
{
    public static void Write(string folder)
    {
        File.WriteAllText(Path.Combine(folder, "config.json"), RandomModel.ConfigJson);
        using FileStream file = File.Create(Path.Combine(folder, "model.safetensors"));
        byte[] header = Header();
        file.Write(BitConverter.GetBytes((long)header.Length));
        file.Write(header);
        foreach (RandomTensor tensor in RandomModel.Tensors)
        {
            file.Write(MemoryMarshal.AsBytes<ushort>(tensor.Generate()));
        }
    }

    private static byte[] Header()
    {
        Dictionary<string, object> entries = [];
        long offset = 0;
        foreach (RandomTensor tensor in RandomModel.Tensors)
        {
            long end = offset + ((long)tensor.Length * sizeof(ushort));
            int[] shape = tensor.Rows is { } rows ? [rows, tensor.Columns] : [tensor.Columns];
            entries[tensor.HubName] = new { dtype = "BF16", shape, data_offsets = new[] { offset, end } };
            offset = end;
        }

        byte[] json = JsonSerializer.SerializeToUtf8Bytes(entries);
        // Spaces up to a multiple of 8 keep the tensors aligned.
        byte[] padded = new byte[(json.Length + 7) / 8 * 8];
        padded.AsSpan().Fill((byte)' ');
        json.CopyTo(padded, 0);
        return padded;
    }
}
