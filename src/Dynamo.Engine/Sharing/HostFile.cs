using System.Runtime.InteropServices;
using Dynamo.Engine.Configuration;
using Microsoft.Win32.SafeHandles;

namespace Dynamo.Engine.Sharing;

/// <summary>A file that the processes of one user on one host have in common, with locks on its bytes. A lock ends with its process, however that ends.</summary>
/// <remarks>
/// Locks belong to the open file (<c>F_OFD_SETLK</c>), not to the process, so several engines of one process are told apart too. A locked byte
/// need not exist.
/// </remarks>
internal sealed partial class HostFile : IDisposable
{
    // fcntl.h, linux/stat.h, asm-generic/errno-base.h
    private const int OpenFlags = 0x2 | 0x40 | 0x20000 | 0x80000; // O_RDWR, O_CREAT, O_NOFOLLOW, O_CLOEXEC
    private const int OwnerOnly = 0x180;
    private const int OpenToOthers = 0x3F;
    private const int TestLockCommand = 36;
    private const int SetLockCommand = 37;
    private const short WriteLock = 1;
    private const short Unlocked = 2;
    private const int EmptyPath = 0x1000;
    private const uint ModeAndOwner = 0x2 | 0x8;
    private const int TryAgain = 11;
    private const int AccessDenied = 13;

    private readonly SafeFileHandle _handle;
    private readonly string _path;

    private HostFile(SafeFileHandle handle, string path) => (_handle, _path) = (handle, path);

    /// <summary>Opens or makes a file.</summary>
    /// <param name="folder">See <see cref="HostFolder"/>.</param>
    /// <param name="name">What it is for.</param>
    /// <exception cref="EngineStartException">It cannot be used; the message says why and what to do.</exception>
    public static HostFile Open(string folder, string name)
    {
        string path = Path.Combine(folder, $"dynamo-{EffectiveUserId()}-{name}");
        int descriptor = OpenFile(path, OpenFlags, OwnerOnly);
        if (descriptor < 0)
        {
            throw Unusable(path, Marshal.GetPInvokeErrorMessage(Marshal.GetLastPInvokeError()));
        }

        SafeFileHandle handle = new(descriptor, ownsHandle: true);
        if (Status(descriptor, "", EmptyPath, ModeAndOwner, out FileStatus status) != 0 || status.UserId != EffectiveUserId() || (status.Mode & OpenToOthers) != 0)
        {
            // The folder may be everybody's: what another user has put there is not believed.
            handle.Dispose();
            throw Unusable(path, "it is another user's or open to others");
        }

        return new HostFile(handle, path);
    }

    /// <summary>Reads from the beginning.</summary>
    /// <returns>Bytes read: all of the file that fits.</returns>
    public int Read(Span<byte> bytes) => RandomAccess.Read(_handle, bytes, 0);

    /// <summary>Writes; a file that is shorter grows.</summary>
    /// <exception cref="EngineStartException">It cannot grow. What was written once can be written again.</exception>
    public void Write(ReadOnlySpan<byte> bytes, long offset)
    {
        try
        {
            RandomAccess.Write(_handle, bytes, offset);
        }
        catch (IOException e)
        {
            throw Unusable(_path, e.Message);
        }
    }

    /// <summary>Locks a byte unless another has it.</summary>
    /// <exception cref="EngineStartException">There are no locks where the file is.</exception>
    public bool TryLock(long position)
    {
        FileLock request = new() { Type = WriteLock, Start = position, Length = 1 };
        if (Control(Descriptor, SetLockCommand, ref request) == 0)
        {
            return true;
        }

        int error = Marshal.GetLastPInvokeError();
        return error is TryAgain or AccessDenied ? false : throw Unusable(_path, $"no locks there: {Marshal.GetPInvokeErrorMessage(error)}");
    }

    /// <summary>Unlocks a byte.</summary>
    public void Unlock(long position)
    {
        FileLock request = new() { Type = Unlocked, Start = position, Length = 1 };
        _ = Control(Descriptor, SetLockCommand, ref request);
    }

    /// <summary>Whether another has locked a byte. Allocates nothing.</summary>
    public bool IsLockedByAnother(long position)
    {
        FileLock test = new() { Type = WriteLock, Start = position, Length = 1 };
        return Control(Descriptor, TestLockCommand, ref test) == 0 && test.Type != Unlocked;
    }

    /// <inheritdoc/>
    public void Dispose() => _handle.Dispose();

    private int Descriptor => _handle.IsClosed ? throw new ObjectDisposedException(nameof(HostFile)) : (int)_handle.DangerousGetHandle();

    private static EngineStartException Unusable(string path, string why) => new(
        $"the workers of this host share its cores and memory through {path}, which cannot be used ({why}). Remove it, or set {HostFolder.Variable} to a folder of yours, or to '{HostFolder.Nobody}' to share with no other.");

    [LibraryImport("libc", EntryPoint = "open", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    private static partial int OpenFile(string path, int flags, int mode);

    [LibraryImport("libc", EntryPoint = "fcntl", SetLastError = true)]
    private static partial int Control(int descriptor, int command, ref FileLock argument);

    [LibraryImport("libc", EntryPoint = "statx", StringMarshalling = StringMarshalling.Utf8)]
    private static partial int Status(int descriptor, string path, int flags, uint mask, out FileStatus status);

    [LibraryImport("libc", EntryPoint = "geteuid")]
    private static partial uint EffectiveUserId();

    // struct flock of 64-bit Linux.
    private struct FileLock
    {
        public short Type;
        public short Whence;
        public long Start;
        public long Length;
        public int ProcessId;
    }

    // The head of struct statx, which is the same on every processor.
    [StructLayout(LayoutKind.Sequential, Size = 256)]
    private struct FileStatus
    {
        public uint Mask;
        public uint BlockSize;
        public ulong Attributes;
        public uint NumLinks;
        public uint UserId;
        public uint GroupId;
        public ushort Mode;
    }
}
