using System.IO.Pipes;
using System.Net;
using System.Net.Sockets;
using System.Runtime.InteropServices;
using System.Runtime.Versioning;

using Microsoft.Win32.SafeHandles;

using Qi.Actors.Platform.Unix;

namespace Qi.Actors.Platform.Tests;

/// <summary>Sockets of the framework, and their descriptors in the reactor's hands.</summary>
internal static partial class TestSockets
{
    private const int BufferBytes = 64 * 1024;
    private const int GetFlags = 3;
    private const int SetFlags = 4;
    private const int LinuxNonBlocking = 0x800;
    private const int BsdNonBlocking = 4;
    private const uint GenericRead = 0x8000_0000;
    private const uint GenericWrite = 0x4000_0000;
    private const uint CreateNew = 1;
    private const uint OpenExisting = 3;
    private const uint Overlapped = 0x4000_0000;
    private const uint DeleteOnClose = 0x0400_0000;

    public static Socket Listen()
    {
        var listener = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        listener.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        listener.Listen(512);
        return listener;
    }

    /// <summary>Two ends of a connection, which hold little on the way from the first to the second.</summary>
    public static (Socket First, Socket Second) Connect()
    {
        using var listener = Listen();
        var first = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        first.Connect(listener.LocalEndPoint!);
        var second = listener.Accept();
        first.NoDelay = second.NoDelay = true;
        first.SendBufferSize = second.ReceiveBufferSize = BufferBytes;
        return (first, second);
    }

    /// <summary>Takes the descriptor away from its socket, which is good for nothing then.</summary>
    public static nint Take(Socket socket, bool isNonBlocking)
    {
        nint value = socket.SafeHandle.DangerousGetHandle();
        socket.SafeHandle.SetHandleAsInvalid();
        SetNonBlocking(value, isNonBlocking);
        return value;
    }

    public static void SetNonBlocking(nint descriptor, bool isNonBlocking)
    {
        if (OperatingSystem.IsWindows())
            return;
        int flag = OperatingSystem.IsLinux() ? LinuxNonBlocking : BsdNonBlocking;
        int flags = Control((int)descriptor, GetFlags, 0);
        Assert.That(Control((int)descriptor, SetFlags, isNonBlocking ? flags | flag : flags & ~flag), Is.Zero);
    }

    public static void Close(nint descriptor)
    {
        if (OperatingSystem.IsWindows())
            new Socket(new SafeSocketHandle(descriptor, ownsHandle: true)).Dispose();
        else
            Assert.That(UnixCalls.Close((int)descriptor), Is.Zero, $"Descriptor {descriptor} was not open.");
    }

    /// <summary>Closes what a handle stands for.</summary>
    public static void Close(IoHandle handle)
    {
        if (OperatingSystem.IsWindows() && handle.Kind is IoHandleKind.Pipe or IoHandleKind.File)
            new SafeFileHandle(handle.Value, ownsHandle: true).Dispose();
        else
            Close(handle.Value);
    }

    /// <summary>An end of a pipe to read from, as a reactor wants it, and a stream that writes into it.</summary>
    public static (nint Reading, Stream Writing) Pipe(bool isNonBlocking)
    {
        if (OperatingSystem.IsWindows())
        {
            string name = $"qi-{Guid.NewGuid():N}";
            var server = new NamedPipeServerStream(name, PipeDirection.Out);
            nint client = OpenOverlapped($@"\\.\pipe\{name}", GenericRead);
            server.WaitForConnection();
            return (client, server);
        }

        var writer = new AnonymousPipeServerStream(PipeDirection.Out);
        var end = writer.ClientSafePipeHandle;
        nint descriptor = end.DangerousGetHandle();
        end.SetHandleAsInvalid();
        SetNonBlocking(descriptor, isNonBlocking);
        return (descriptor, writer);
    }

    /// <summary>Both ends of a pipe that keeps apart what was written at once. Linux.</summary>
    public static unsafe (nint Reading, nint Writing) PacketPipe(bool isNonBlocking)
    {
        const int Direct = 0x4000;
        const int NonBlocking = 0x800;
        int* ends = stackalloc int[2];
        Assert.That(MakePipe(ends, Direct | (isNonBlocking ? NonBlocking : 0)), Is.Zero);
        return (ends[0], ends[1]);
    }

    [LibraryImport("libc", EntryPoint = "pipe2")]
    private static unsafe partial int MakePipe(int* ends, int flags);

    /// <summary>Makes a file that goes when it is closed, as a reactor wants it.</summary>
    public static nint NewFile(string path)
    {
        if (OperatingSystem.IsWindows())
            return OpenOverlapped(path, GenericRead | GenericWrite, CreateNew, DeleteOnClose);
        var file = File.OpenHandle(path, FileMode.CreateNew, FileAccess.ReadWrite, FileShare.None);
        File.Delete(path);
        nint descriptor = file.DangerousGetHandle();
        file.SetHandleAsInvalid();
        return descriptor;
    }

    /// <summary>A pinned copy of an address in the operating system's form.</summary>
    public static byte[] AddressOf(EndPoint endPoint)
    {
        var address = endPoint.Serialize();
        byte[] pinned = GC.AllocateArray<byte>(address.Size, pinned: true);
        address.Buffer.Span[..address.Size].CopyTo(pinned);
        return pinned;
    }

    /// <summary>Reads exactly so many bytes.</summary>
    public static byte[] ReceiveAll(Socket socket, int length)
    {
        byte[] buffer = new byte[length];
        socket.ReceiveTimeout = (int)ReactorDriver.Bound.TotalMilliseconds;
        for (int received = 0; received < length;)
        {
            int count = socket.Receive(buffer, received, length - received, SocketFlags.None);
            Assert.That(count, Is.Positive, "The other end sends no more.");
            received += count;
        }

        return buffer;
    }

    /// <summary>Bytes that tell where they belong.</summary>
    public static byte[] Pattern(int length, int seed)
    {
        byte[] bytes = GC.AllocateUninitializedArray<byte>(length, pinned: true);
        var random = new Rng((ulong)seed);
        for (int index = 0; index < length; index++)
            bytes[index] = (byte)random.Below(256);
        return bytes;
    }

    // The framework's own handles of this kind belong to its pool's completion port.
    [SupportedOSPlatform("windows")]
    private static nint OpenOverlapped(string path, uint access, uint disposition = OpenExisting, uint flags = 0)
    {
        nint handle = CreateFile(path, access, 0, 0, disposition, Overlapped | flags, 0);
        Assert.That(handle, Is.Not.EqualTo((nint)(-1)), $"{path} cannot be opened: error {Marshal.GetLastPInvokeError()}.");
        return handle;
    }

    [LibraryImport("kernel32", EntryPoint = "CreateFileW", SetLastError = true, StringMarshalling = StringMarshalling.Utf16)]
    [SupportedOSPlatform("windows")]
    private static partial nint CreateFile(string path, uint access, uint share, nint security, uint disposition, uint flags, nint template);

    // A variadic function of the C library: right where integer arguments travel as those of others, which is so on Linux.
    [LibraryImport("libc", EntryPoint = "fcntl", SetLastError = true)]
    private static partial int Control(int descriptor, int command, nint argument);
}
