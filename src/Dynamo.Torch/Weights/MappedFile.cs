using System.Runtime.InteropServices;
using Dynamo.Protocol.Models;

namespace Dynamo.Torch.Weights;

/// <summary>A whole file mapped read-only. The descriptor is closed at once, so thousands of shards do not exhaust descriptors.</summary>
/// <remarks>
/// Its size is taken once. A file that another process cuts shorter afterwards faults on access and ends this process, as with every
/// engine that maps its weights; replacing a file by renaming is safe.
/// </remarks>
internal sealed unsafe partial class MappedFile : IDisposable
{
    private const int OpenReadNonBlockCloseOnExec = 0x800 | 0x80000;
    private const int SeekSet = 0;
    private const int SeekEnd = 2;
    private const int ProtectRead = 1;
    private const int MapPrivate = 2;
    private const int AdviseDontNeed = 4;

    private byte* _address;

    private MappedFile(byte* address, long length)
    {
        _address = address;
        Length = length;
    }

    /// <summary>Size of the file when it was opened.</summary>
    public long Length { get; }

    /// <summary>Address of the first byte.</summary>
    /// <exception cref="ObjectDisposedException">The mapping is gone.</exception>
    public byte* Address
    {
        get
        {
            ObjectDisposedException.ThrowIf(_address is null, this);
            return _address;
        }
    }

    /// <summary>Maps a regular file. Pipes and devices are refused instead of waited for.</summary>
    /// <param name="path">Full path.</param>
    /// <param name="file">Name for messages.</param>
    /// <exception cref="ModelFolderException">Missing, unreadable, empty or not a regular file.</exception>
    public static MappedFile Open(string path, string file)
    {
        int descriptor = OpenFile(path, OpenReadNonBlockCloseOnExec, 0);
        if (descriptor < 0)
        {
            throw Failure(file, "cannot be opened");
        }

        try
        {
            long length = Seek(descriptor, 0, SeekEnd);
            if (length <= 0 || Seek(descriptor, 0, SeekSet) != 0)
            {
                throw new ModelFolderException(file, null, "is empty or not a regular file");
            }

            void* address = Map(null, (nuint)length, ProtectRead, MapPrivate, descriptor, 0);
            return (nint)address == -1 ? throw Failure(file, "cannot be mapped") : new MappedFile((byte*)address, length);
        }
        finally
        {
            _ = Close(descriptor);
        }
    }

    /// <summary>Tells the kernel that a range will not be read again soon, so that its pages leave this process's resident set.</summary>
    public void Release(byte* start, long length)
    {
        if (_address is null)
        {
            return;
        }

        nuint pageSize = (nuint)Environment.SystemPageSize;
        nuint first = ((nuint)start + pageSize - 1) / pageSize * pageSize;
        nuint end = ((nuint)start + (nuint)length) / pageSize * pageSize;
        if (end > first)
        {
            // Only advice: a refusal costs memory, not correctness.
            _ = Advise((void*)first, end - first, AdviseDontNeed);
        }
    }

    public void Dispose()
    {
        if (_address is not null)
        {
            _ = Unmap(_address, (nuint)Length);
            _address = null;
        }
    }

    private static ModelFolderException Failure(string file, string what) =>
        new(file, null, $"{what}: {Marshal.GetPInvokeErrorMessage(Marshal.GetLastPInvokeError())}");

    [LibraryImport("libc", EntryPoint = "open", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    private static partial int OpenFile(string path, int flags, int mode);

    [LibraryImport("libc", EntryPoint = "lseek", SetLastError = true)]
    private static partial long Seek(int descriptor, long offset, int whence);

    [LibraryImport("libc", EntryPoint = "mmap", SetLastError = true)]
    private static partial void* Map(void* address, nuint length, int protection, int flags, int descriptor, long offset);

    [LibraryImport("libc", EntryPoint = "munmap")]
    private static partial int Unmap(void* address, nuint length);

    [LibraryImport("libc", EntryPoint = "madvise")]
    private static partial int Advise(void* address, nuint length, int advice);

    [LibraryImport("libc", EntryPoint = "close")]
    private static partial int Close(int descriptor);
}
