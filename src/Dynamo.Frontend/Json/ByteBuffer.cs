using System.Buffers;
using System.IO.Pipelines;

namespace Dynamo.Frontend.Json;

/// <summary>
/// Holds the bytes of one body. They are taken over as they arrive, so that the connection's own buffers stay small, and memory grows with
/// what has arrived, not with what a header announces. Small buffers are pooled; large ones are rare, and go back to the collector.
/// </summary>
internal sealed class ByteBuffer : IDisposable
{
    /// <summary>Largest buffer that is pooled.</summary>
    public const int MaxPooledBytes = 1 << 20;

    private const int DefaultBytes = 4096;

    private byte[] _bytes;
    private int _length;

    /// <summary>Creates a buffer.</summary>
    /// <param name="expected">Announced length, or <see langword="null"/>.</param>
    public ByteBuffer(long? expected) => _bytes = Create((int)Math.Min(expected ?? DefaultBytes, MaxPooledBytes));

    /// <summary>What has arrived.</summary>
    public ReadOnlyMemory<byte> Written => _bytes.AsMemory(0, _length);

    /// <summary>Reads a body to its end.</summary>
    public async Task FillAsync(PipeReader reader, CancellationToken cancellationToken)
    {
        ReadResult result;
        do
        {
            result = await reader.ReadAsync(cancellationToken);
            foreach (ReadOnlyMemory<byte> segment in result.Buffer)
            {
                Append(segment.Span);
            }

            reader.AdvanceTo(result.Buffer.End);
        }
        while (!result.IsCompleted);
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        Release(_bytes);
        _bytes = [];
    }

    private void Append(ReadOnlySpan<byte> bytes)
    {
        int needed = checked(_length + bytes.Length);
        if (needed > _bytes.Length)
        {
            byte[] larger = Create((int)Math.Min(Math.Max(needed, 2L * _bytes.Length), Array.MaxLength));
            Written.Span.CopyTo(larger);
            Release(_bytes);
            _bytes = larger;
        }

        bytes.CopyTo(_bytes.AsSpan(_length));
        _length = needed;
    }

    private static byte[] Create(int length) =>
        length <= MaxPooledBytes ? ArrayPool<byte>.Shared.Rent(length) : GC.AllocateUninitializedArray<byte>(length);

    private static void Release(byte[] bytes)
    {
        if (bytes.Length is > 0 and <= MaxPooledBytes)
        {
            ArrayPool<byte>.Shared.Return(bytes);
        }
    }
}
