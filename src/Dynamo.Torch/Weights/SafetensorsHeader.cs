using System.Globalization;
using System.Buffers.Binary;
using System.Text.Json;
using Dynamo.Protocol.Models;
using Dynamo.Torch.Configuration;

namespace Dynamo.Torch.Weights;

/// <summary>
/// Reads the header of a safetensors file (8 bytes of length, JSON, data) as hostile input, with the rules of the format's reference
/// reader: tensors cover the data without gap or overlap, and each one's bytes are what its dtype and shape need.
/// </summary>
internal static class SafetensorsHeader
{
    /// <summary>Longest header, the limit of the format's reference reader.</summary>
    public const long MaxHeaderBytes = 100_000_000;

    /// <summary>Most tensors of a file. The largest published models have about 100,000 over all their shards.</summary>
    public const int MaxTensors = 500_000;

    private const int LengthBytes = 8;
    private const int MaxNameBytes = 4096;
    private const int MaxRank = 16;
    private const int MaxDepth = 8;
    private const string MetadataField = "__metadata__";

    /// <summary>Where one tensor lies.</summary>
    /// <param name="Name">Name in the checkpoint.</param>
    /// <param name="DTypeName">The header's spelling, for messages.</param>
    /// <param name="DType">Element type.</param>
    /// <param name="Shape">Extents.</param>
    /// <param name="Begin">First byte, from the start of the file.</param>
    /// <param name="End">Byte after the last, from the start of the file.</param>
    public readonly record struct Entry(string Name, string DTypeName, TensorDType DType, long[] Shape, long Begin, long End);

    /// <summary>Parses and checks a header.</summary>
    /// <param name="start">The first bytes of the file, at least the whole header when the file has one.</param>
    /// <param name="fileLength">Size of the file.</param>
    /// <param name="file">Name for messages.</param>
    /// <returns>Every tensor, in the order of its bytes.</returns>
    /// <exception cref="ModelFolderException">Anything wrong; the message names the tensor.</exception>
    public static List<Entry> Parse(ReadOnlySpan<byte> start, long fileLength, string file)
    {
        if (start.Length < LengthBytes)
        {
            throw new ModelFolderException(file, null, $"is {fileLength} bytes; a safetensors file starts with {LengthBytes} bytes of header length");
        }

        ulong headerLength = BinaryPrimitives.ReadUInt64LittleEndian(start);
        if (headerLength > MaxHeaderBytes || (long)headerLength > fileLength - LengthBytes)
        {
            throw new ModelFolderException(file, "header length", $"is {headerLength:N0}; the file has {fileLength - LengthBytes:N0} bytes after it, "
                + $"and headers of at most {MaxHeaderBytes:N0} are read (truncated, or not a safetensors file)");
        }

        ReadOnlySpan<byte> json = start.Slice(LengthBytes, (int)headerLength);
        if (json.Length == 0 || json[0] != (byte)'{')
        {
            throw new ModelFolderException(file, "header", "does not start with '{'");
        }

        long dataStart = LengthBytes + json.Length;
        List<Entry> entries = [];
        try
        {
            ReadEntries(json, dataStart, fileLength - dataStart, file, entries);
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException)
        {
            // InvalidOperationException: a string that is not UTF-8.
            string at = e is JsonException { BytePositionInLine: long position } ? $" near byte {position}" : string.Empty;
            throw new ModelFolderException(file, "header", $"is not valid JSON{at} (UTF-8, at most {MaxDepth} levels)", e);
        }

        CheckCoverage(entries, dataStart, fileLength, file);
        return entries;
    }

    private static void ReadEntries(ReadOnlySpan<byte> json, long dataStart, long dataLength, string file, List<Entry> entries)
    {
        Utf8JsonReader reader = new(json, new JsonReaderOptions { MaxDepth = MaxDepth });
        HashSet<string> names = new(StringComparer.Ordinal);
        _ = reader.Read();
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            if (reader.ValueSpan.Length > MaxNameBytes)
            {
                throw new ModelFolderException(file, "header", $"has a tensor name of {reader.ValueSpan.Length:N0} bytes; at most {MaxNameBytes:N0} are read");
            }

            string name = reader.GetString()!;
            _ = reader.Read();
            if (name == MetadataField)
            {
                reader.Skip();
                continue;
            }

            if (!names.Add(name))
            {
                throw new ModelFolderException(file, name, "stands twice in the header");
            }

            if (entries.Count == MaxTensors)
            {
                throw new ModelFolderException(file, "header", $"lists more than {MaxTensors:N0} tensors");
            }

            entries.Add(ReadEntry(ref reader, name, dataStart, dataLength, file));
        }

        // Nothing but blanks may follow; anything else throws.
        _ = reader.Read();
    }

    private static Entry ReadEntry(ref Utf8JsonReader reader, string name, long dataStart, long dataLength, string file)
    {
        if (reader.TokenType != JsonTokenType.StartObject)
        {
            throw new ModelFolderException(file, name, "must be an object with dtype, shape and data_offsets");
        }

        string? dtypeName = null;
        long[]? shape = null;
        long[]? offsets = null;
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            string field = reader.GetString()!;
            _ = reader.Read();
            switch (field)
            {
                case "dtype" when reader.TokenType == JsonTokenType.String:
                    dtypeName = reader.GetString();
                    break;
                case "shape":
                    shape = ReadIntegers(ref reader, name, "shape", MaxRank, file);
                    break;
                case "data_offsets":
                    offsets = ReadIntegers(ref reader, name, "data_offsets", 2, file);
                    break;
                default:
                    throw new ModelFolderException(file, name, $"field '{field}' is unknown or of the wrong type; dtype, shape and data_offsets are read");
            }
        }

        if (dtypeName is null || shape is null || offsets is not { Length: 2 })
        {
            throw new ModelFolderException(file, name, "needs dtype, shape and two data_offsets");
        }

        (long begin, long end) = (offsets[0], offsets[1]);
        if (begin > end || end > dataLength)
        {
            throw new ModelFolderException(file, name, $"data_offsets [{begin}, {end}] are not inside the {dataLength:N0} bytes of data (truncated file?)");
        }

        TensorDType dtype = TensorDTypes.ParseSafetensors(dtypeName);
        if (dtype != TensorDType.Unknown && ByteSize(dtype, shape) is var size && size != end - begin)
        {
            throw new ModelFolderException(file, name, $"shape {Text(shape)} of {dtypeName} needs {size?.ToString("N0", CultureInfo.InvariantCulture) ?? "more than 2^63"} bytes, "
                + $"data_offsets [{begin}, {end}] hold {end - begin:N0}");
        }

        return new Entry(name, dtypeName, dtype, shape, dataStart + begin, dataStart + end);
    }

    private static long[] ReadIntegers(ref Utf8JsonReader reader, string name, string field, int maxCount, string file)
    {
        if (reader.TokenType != JsonTokenType.StartArray)
        {
            throw new ModelFolderException(file, name, $"{field} must be a list of integers");
        }

        Span<long> values = stackalloc long[maxCount];
        int count = 0;
        while (reader.Read() && reader.TokenType != JsonTokenType.EndArray)
        {
            if (reader.TokenType != JsonTokenType.Number || !reader.TryGetInt64(out long value) || value < 0)
            {
                throw new ModelFolderException(file, name, $"{field} must hold integers from 0 to 2^63 - 1");
            }

            if (count == maxCount)
            {
                throw new ModelFolderException(file, name, $"{field} has more than {maxCount} numbers");
            }

            values[count++] = value;
        }

        return values[..count].ToArray();
    }

    /// <summary>Bytes of a tensor, or <see langword="null"/> when the product does not fit.</summary>
    private static long? ByteSize(TensorDType dtype, ReadOnlySpan<long> shape)
    {
        // A zero extent anywhere makes the whole empty, however large the others are.
        if (shape.Contains(0))
        {
            return 0;
        }

        UInt128 size = (UInt128)dtype.Size();
        foreach (long extent in shape)
        {
            size *= (UInt128)extent;
            if (size > long.MaxValue)
            {
                return null;
            }
        }

        return (long)size;
    }

    private static void CheckCoverage(List<Entry> entries, long dataStart, long fileLength, string file)
    {
        entries.Sort(static (a, b) => a.Begin != b.Begin ? a.Begin.CompareTo(b.Begin) : a.End.CompareTo(b.End));
        long next = dataStart;
        foreach (Entry entry in entries)
        {
            if (entry.Begin != next)
            {
                string what = entry.Begin < next ? "overlaps the tensor before it" : $"leaves {entry.Begin - next:N0} unused bytes before it";
                throw new ModelFolderException(file, entry.Name, $"data_offsets [{entry.Begin - dataStart}, {entry.End - dataStart}]: {what}");
            }

            next = entry.End;
        }

        if (next != fileLength)
        {
            throw new ModelFolderException(file, null, $"has {fileLength - next:N0} bytes after the last tensor");
        }
    }

    private static string Text(long[] shape) => $"[{string.Join(", ", shape)}]";
}
