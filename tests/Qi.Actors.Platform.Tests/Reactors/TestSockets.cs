using System.Net;
using System.Net.Sockets;
using System.Runtime.InteropServices;

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

    // A variadic function of the C library: right where integer arguments travel as those of others, which is so on Linux.
    [LibraryImport("libc", EntryPoint = "fcntl", SetLastError = true)]
    private static partial int Control(int descriptor, int command, nint argument);
}
