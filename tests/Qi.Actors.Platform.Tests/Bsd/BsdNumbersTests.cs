using System.Net.Sockets;
using System.Runtime.InteropServices;

using Qi.Actors.Platform.Bsd;
using Qi.Actors.Platform.Unix;

namespace Qi.Actors.Platform.Tests;

/// <summary>Layouts and numbers of macOS and FreeBSD, where our tests do not run: as their headers have them.</summary>
public sealed class BsdNumbersTests
{
    [Test]
    public void KqueueEvent_Layout_IsTheKernels()
    {
        Assert.That(Marshal.SizeOf<KqueueEvent>(), Is.EqualTo(32));
        Assert.That(
            new[] { "Identity", "Filter", "Flags", "FilterFlags", "Data", "UserData" }.Select(field => (int)Marshal.OffsetOf<KqueueEvent>(field)),
            Is.EqualTo(new[] { 0, 8, 10, 12, 16, 24 }));
        Assert.That((SizeOf<MacOsKqueue>(), SizeOf<FreeBsdKqueue>()), Is.EqualTo((32, 64)));
        Assert.That((UserFilterOf<MacOsKqueue>(), UserFilterOf<FreeBsdKqueue>()), Is.EqualTo(((short)-10, (short)-11)));
        Assert.That(Marshal.SizeOf<Timespec>(), Is.EqualTo(16));
    }

    [Test]
    public void KqueueEvent_Numbers_AreTheKernels()
    {
        Assert.That((KqueueEvent.Read, KqueueEvent.Write), Is.EqualTo(((short)-1, (short)-2)));
        Assert.That(
            new int[] { KqueueEvent.Add, KqueueEvent.Clear, KqueueEvent.Receipt, KqueueEvent.Error, KqueueEvent.EndOfFile },
            Is.EqualTo(new[] { 0x0001, 0x0020, 0x0040, 0x4000, 0x8000 }));
        Assert.That(KqueueEvent.Trigger, Is.EqualTo(0x0100_0000));
    }

    // What, then the number of macOS, then that of FreeBSD.
    [TestCase(NativeSocketOption.ReuseAddress, 0xFFFF, 0x0004, 0x0004)]
    [TestCase(NativeSocketOption.ReusePort, 0xFFFF, 0x0200, 0x0001_0000)]
    [TestCase(NativeSocketOption.KeepAlive, 0xFFFF, 0x0008, 0x0008)]
    [TestCase(NativeSocketOption.KeepAliveIdleSeconds, 6, 0x10, 256)]
    [TestCase(NativeSocketOption.KeepAliveIntervalSeconds, 6, 0x101, 512)]
    [TestCase(NativeSocketOption.KeepAliveProbes, 6, 0x102, 1024)]
    [TestCase(NativeSocketOption.NoDelay, 6, 1, 1)]
    [TestCase(NativeSocketOption.Ipv6Only, 41, 27, 27)]
    [TestCase(NativeSocketOption.ReceiveBufferBytes, 0xFFFF, 0x1002, 0x1002)]
    [TestCase(NativeSocketOption.SendBufferBytes, 0xFFFF, 0x1001, 0x1001)]
    [TestCase(NativeSocketOption.LingerSeconds, 0xFFFF, 0x1080, 0x0080)]
    [TestCase(NativeSocketOption.Broadcast, 0xFFFF, 0x0020, 0x0020)]
    [TestCase(NativeSocketOption.Error, 0xFFFF, 0x1007, 0x1007)]
    public void SocketOptions_Numbers_AreTheSystems(NativeSocketOption option, int level, int macOs, int freeBsd)
    {
        Assert.That(UnixSocketOptions.NumbersOf(option, UnixFlavor.MacOs), Is.EqualTo((level, macOs)));
        Assert.That(UnixSocketOptions.NumbersOf(option, UnixFlavor.FreeBsd), Is.EqualTo((level, freeBsd)));
    }

    [Test]
    public void SocketNumbers_OfMacOs_AreTheSystems()
    {
        var numbers = SocketNumbers.Of(UnixFlavor.MacOs);
        Assert.That((numbers.DontWait, numbers.Ipv6Family, numbers.SocketLevel, numbers.ErrorOption), Is.EqualTo((0x80, 30, 0xFFFF, 0x1007)));
        Assert.That((numbers.CloseOnExecType, numbers.NonBlockingType, numbers.NoSignal, numbers.WholeLength), Is.EqualTo((0, 0, 0, 0)), "There are none.");
        Assert.That(numbers.NoSignalOption, Is.EqualTo(0x1022));
        Assert.That(numbers.CloseOnExecRequest, Is.EqualTo(Request(0x2000_0000, 'f', 1, 0)));
        Assert.That(numbers.NonBlockingRequest, Is.EqualTo(Request(0x8000_0000, 'f', 126, sizeof(int))));
    }

    [Test]
    public void SocketNumbers_OfFreeBsd_AreTheSystems()
    {
        var numbers = SocketNumbers.Of(UnixFlavor.FreeBsd);
        Assert.That((numbers.DontWait, numbers.Ipv6Family, numbers.SocketLevel, numbers.ErrorOption), Is.EqualTo((0x80, 28, 0xFFFF, 0x1007)));
        Assert.That((numbers.CloseOnExecType, numbers.NonBlockingType, numbers.NoSignal, numbers.WholeLength), Is.EqualTo((0x1000_0000, 0x2000_0000, 0x2_0000, 0)));
        Assert.That(numbers.NoSignalOption, Is.Zero, "MSG_NOSIGNAL does it.");
        Assert.That(numbers.CloseOnExecRequest, Is.EqualTo(Request(0x2000_0000, 'f', 1, 0)));
        Assert.That(numbers.NonBlockingRequest, Is.EqualTo(Request(0x8000_0000, 'f', 126, sizeof(int))));
    }

    [Test]
    public void ErrorNumbers_AreTheSystems()
    {
        var macOs = ErrorNumbers.MacOs;
        var freeBsd = ErrorNumbers.FreeBsd;
        Assert.That((macOs.Canceled, macOs.ProtocolFailed), Is.EqualTo((89, 100)));
        Assert.That((freeBsd.Canceled, freeBsd.ProtocolFailed), Is.EqualTo((85, 92)));
        foreach (var numbers in new[] { macOs, freeBsd })
        {
            Assert.That((numbers.WouldBlock, numbers.InProgress, numbers.Interrupted, numbers.Invalid), Is.EqualTo((35, 36, 4, 22)));
            Assert.That((numbers.TooManyOpen, numbers.TooManyOpenInSystem, numbers.NoBuffers, numbers.NoMemory), Is.EqualTo((24, 23, 55, 12)));
            Assert.That((numbers.ConnectionAborted, numbers.ConnectionReset, numbers.ConnectionRefused), Is.EqualTo((53, 54, 61)));
            Assert.That((numbers.Fault, numbers.NotImplemented, numbers.NotPermitted), Is.EqualTo((14, 78, 1)));
            Assert.That(numbers.NameOf(numbers.Canceled), Is.EqualTo(SocketError.OperationAborted));
            Assert.That(numbers.NameOf(numbers.ConnectionReset), Is.EqualTo(SocketError.ConnectionReset));
            Assert.That(numbers.NameOf(48), Is.EqualTo(SocketError.AddressAlreadyInUse));
            Assert.That(numbers.NameOf(58), Is.EqualTo(SocketError.Shutdown));
            Assert.That(numbers.NameOf(60), Is.EqualTo(SocketError.TimedOut));
        }

        Assert.That(macOs.NameOf(102), Is.EqualTo(SocketError.OperationNotSupported));
        Assert.That(ErrorNumbers.Windows.NameOf(995), Is.EqualTo(SocketError.OperationAborted));
        Assert.That(ErrorNumbers.Windows.NameOf(10054), Is.EqualTo(SocketError.ConnectionReset));
    }

    // How ioctl's requests are made: direction, length of the argument, group, number.
    private static nuint Request(uint direction, char group, uint number, uint length) => direction | (length << 16) | ((uint)group << 8) | number;

    private static int SizeOf<T>()
        where T : struct, IKqueueSystem
        => T.EventSize;

    private static short UserFilterOf<T>()
        where T : struct, IKqueueSystem
        => T.UserFilter;
}
