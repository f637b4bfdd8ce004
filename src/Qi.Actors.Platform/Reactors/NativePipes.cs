// What pipes need beside operations. Linux: elsewhere no reactor serves them.

using System.ComponentModel;
using System.Runtime.InteropServices;
using System.Runtime.Versioning;

namespace Qi.Actors.Platform;

/// <summary>Pipes of the operating system, as descriptors for a reactor.</summary>
/// <remarks><b>Threads</b>: any. Every method throws <see cref="Win32Exception"/>, with the system's error number, if the operating system refuses.</remarks>
[SupportedOSPlatform("linux")]
public static unsafe partial class NativePipes
{
    /// <summary>ENXIO: nobody has the other end of a named pipe open.</summary>
    public const int NobodyThere = 6;

    private const int WriteOnly = 1;
    private const int NonBlocking = 0x800;
    private const int CloseOnExec = 0x80000;
    private const nuint SetNonBlocking = 0x5421;
    private const int OwnerMayReadAndWrite = 0x180;

    /// <summary>Makes a pipe; returns its two descriptors, which nobody owns yet.</summary>
    /// <param name="isNonBlocking">As <see cref="Reactor.IsNonBlocking"/>.</param>
    public static (nint Reading, nint Writing) Create(bool isNonBlocking)
    {
        int* ends = stackalloc int[2];
        if (Pipe(ends, CloseOnExec | (isNonBlocking ? NonBlocking : 0)) != 0)
            throw Failed();
        return (ends[0], ends[1]);
    }

    /// <summary>Makes a named pipe, which its owner may use.</summary>
    public static void CreateNamed(string path)
    {
        if (MakeFifo(path, OwnerMayReadAndWrite) != 0)
            throw Failed();
    }

    /// <summary>Opens one end of a named pipe, without waiting for the other; returns its descriptor, which nobody owns yet.</summary>
    /// <param name="path">Where it is.</param>
    /// <param name="isWriting">Which end. The writing one is refused with <see cref="NobodyThere"/> until somebody has the other open.</param>
    /// <param name="isNonBlocking">As <see cref="Reactor.IsNonBlocking"/>.</param>
    public static nint OpenNamed(string path, bool isWriting, bool isNonBlocking)
    {
        int descriptor = Open(path, (isWriting ? WriteOnly : 0) | NonBlocking | CloseOnExec);
        if (descriptor < 0)
            throw Failed();
        try
        {
            SetBlocking(descriptor, isNonBlocking);
            return descriptor;
        }
        catch
        {
            NativeSockets.Close(descriptor);
            throw;
        }
    }

    /// <summary>Decides whether a descriptor that somebody else has made blocks.</summary>
    /// <param name="descriptor">Which.</param>
    /// <param name="isNonBlocking">As <see cref="Reactor.IsNonBlocking"/>.</param>
    public static void SetBlocking(nint descriptor, bool isNonBlocking)
    {
        int value = isNonBlocking ? 1 : 0;
        if (Control((int)descriptor, SetNonBlocking, &value) != 0)
            throw Failed();
    }

    private static Win32Exception Failed() => new(Marshal.GetLastPInvokeError());

    [LibraryImport("libc", EntryPoint = "pipe2", SetLastError = true)]
    private static partial int Pipe(int* ends, int flags);

    [LibraryImport("libc", EntryPoint = "mkfifo", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    private static partial int MakeFifo(string path, int mode);

    // open and ioctl are variadic: see Linux/Syscalls.cs.
    [LibraryImport("libc", EntryPoint = "open", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    private static partial int Open(string path, int flags);

    [LibraryImport("libc", EntryPoint = "ioctl", SetLastError = true)]
    private static partial int Control(int descriptor, nuint request, int* value);
}
