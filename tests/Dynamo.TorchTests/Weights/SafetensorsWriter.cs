using System.Buffers.Binary;
using System.Runtime.InteropServices;
using System.Text;
using System.Text.Json;

namespace Dynamo.TorchTests.Weights;

/// <summary>Writes safetensors files, true ones from tensors and lying ones from a header as given.</summary>
internal sealed class SafetensorsWriter
{
    private readonly Dictionary<string, object> _header = [];
    private readonly MemoryStream _data = new();

    /// <summary>A file of any header and any data.</summary>
    public static byte[] Raw(string header, int dataBytes) => Raw(header, Encoding.UTF8.GetByteCount(header), new byte[dataBytes]);

    /// <summary>The same with a header length that need not be true.</summary>
    public static byte[] Raw(string header, long headerLength, ReadOnlySpan<byte> data)
    {
        byte[] json = Encoding.UTF8.GetBytes(header);
        byte[] file = new byte[8 + json.Length + data.Length];
        BinaryPrimitives.WriteInt64LittleEndian(file, headerLength);
        json.CopyTo(file.AsSpan(8));
        data.CopyTo(file.AsSpan(8 + json.Length));
        return file;
    }

    public SafetensorsWriter Add<T>(string name, string dtype, long[] shape, ReadOnlySpan<T> elements)
        where T : unmanaged
    {
        long begin = _data.Length;
        _data.Write(MemoryMarshal.AsBytes(elements));
        _header.Add(name, new { dtype, shape, data_offsets = new[] { begin, _data.Length } });
        return this;
    }

    public byte[] ToArray()
    {
        string header = JsonSerializer.Serialize(_header);
        return Raw(header, Encoding.UTF8.GetByteCount(header), _data.ToArray());
    }
}
