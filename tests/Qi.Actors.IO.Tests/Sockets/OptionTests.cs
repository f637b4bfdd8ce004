using Qi.Actors.IO.Tests.TestKit;
using Qi.Actors.Platform;

namespace Qi.Actors.IO.Tests.Sockets;

/// <summary>Options reach the operating system, and wrong ones are refused by name.</summary>
internal sealed class OptionTests
{
    private static IEnumerable<TestCaseData> BadOptions()
    {
        yield return Bad(new SocketOptions { ReceiveBufferBytes = 10 }, "ReceiveBufferBytes is 10. Allowed: 1,024 to 1,073,741,824 bytes, or null.");
        yield return Bad(new SocketOptions { SendBufferBytes = -1 }, "SendBufferBytes is -1. Allowed: 1,024 to 1,073,741,824 bytes, or null.");
        yield return Bad(new SocketOptions { Linger = TimeSpan.FromSeconds(-1) }, "Linger is -00:00:01. Allowed: zero to 65,535 seconds, or null.");
        yield return Bad(new SocketOptions { ConnectTimeout = TimeSpan.Zero }, "ConnectTimeout is 00:00:00. Allowed: above zero, or null.");
        yield return Bad(new SocketOptions { KeepAlive = new KeepAlive(TimeSpan.Zero, TimeSpan.FromSeconds(1), 1) }, "Idle is 00:00:00. Allowed: 1 to 32,767 seconds.");
        yield return Bad(new SocketOptions { KeepAlive = new KeepAlive(TimeSpan.FromSeconds(1), TimeSpan.FromDays(1), 1) }, "Interval is 1.00:00:00. Allowed: 1 to 32,767 seconds.");
        yield return Bad(new SocketOptions { KeepAlive = new KeepAlive(TimeSpan.FromSeconds(1), TimeSpan.FromSeconds(1), 0) }, "Probes is 0. Allowed: 1 to 127.");
    }

    [TestCaseSource(nameof(BadOptions))]
    public async Task Connect_WithABadOption_NamesItWithValueAndRange(SocketOptions options, string text)
    {
        await using var system = new TestSystem();
        Assert.Multiple(() =>
        {
            Assert.That(() => SocketConnection.ConnectAsync(system.Actors, Wire.AnyPort, options), Throws.ArgumentException.With.Message.StartWith(text));
            Assert.That(
                () => SocketListener.Bind(system.Actors, Wire.AnyPort, new ListenerOptions { Connections = options }),
                Throws.ArgumentException.With.Message.StartWith(text));
        });
    }

    [Test]
    public async Task Bind_WithABadOption_NamesItWithValueAndRange()
    {
        await using var system = new TestSystem();
        Assert.Multiple(() =>
        {
            Assert.That(
                () => SocketListener.Bind(system.Actors, Wire.AnyPort, new ListenerOptions { Backlog = 0 }),
                Throws.ArgumentException.With.Message.StartWith("Backlog is 0. Allowed: 1 to 65,535."));
            Assert.That(
                () => DatagramSocket.Bind(system.Actors, Wire.AnyPort, new DatagramOptions { SendBufferBytes = 1 }),
                Throws.ArgumentException.With.Message.StartWith("SendBufferBytes is 1. Allowed: 1,024"));
        });
    }

    [Test]
    public async Task Options_OfConnections_AreReadBack()
    {
        await using var system = new TestSystem();
        var options = new SocketOptions
        {
            KeepAlive = new KeepAlive(TimeSpan.FromSeconds(40), TimeSpan.FromSeconds(7), 5),
            Linger = TimeSpan.FromSeconds(2.5),
            SendBufferBytes = 32 * 1024,
            ReceiveBufferBytes = 64 * 1024,
        };
        int factor = OperatingSystem.IsLinux() ? 2 : 1;
        var (client, server) = await Wire.PairAsync(system.Actors, null, options, options);
        foreach (var connection in new[] { client, server })
        {
            Assert.Multiple(() =>
            {
                Assert.That(Get(connection, NativeSocketOption.NoDelay), Is.EqualTo(1));
                Assert.That(Get(connection, NativeSocketOption.KeepAlive), Is.EqualTo(1));
                Assert.That(Get(connection, NativeSocketOption.KeepAliveIdleSeconds), Is.EqualTo(40));
                Assert.That(Get(connection, NativeSocketOption.KeepAliveIntervalSeconds), Is.EqualTo(7));
                Assert.That(Get(connection, NativeSocketOption.KeepAliveProbes), Is.EqualTo(5));
                Assert.That(Get(connection, NativeSocketOption.LingerSeconds), Is.EqualTo(3), "parts of a second count as a whole one");
                Assert.That(Get(connection, NativeSocketOption.SendBufferBytes), Is.EqualTo(32 * 1024 * factor), "Linux doubles it");
                Assert.That(Get(connection, NativeSocketOption.ReceiveBufferBytes), Is.EqualTo(64 * 1024 * factor), "Linux doubles it");
            });
            connection.Dispose();
        }
    }

    [Test]
    public async Task Options_ByDefault_AreNoDelayAndNothingElse()
    {
        await using var system = new TestSystem();
        var (client, server) = await Wire.PairAsync(system.Actors, null, new SocketOptions { NoDelay = false });
        await using var first = client;
        await using var second = server;
        Assert.Multiple(() =>
        {
            Assert.That(Get(client, NativeSocketOption.NoDelay), Is.Zero);
            Assert.That(Get(server, NativeSocketOption.NoDelay), Is.EqualTo(1));
            Assert.That(Get(server, NativeSocketOption.KeepAlive), Is.Zero);
            Assert.That(Get(server, NativeSocketOption.LingerSeconds), Is.Negative);
        });
    }

    [Test]
    public async Task Linger_OfZero_ResetsTheConnection()
    {
        await using var system = new TestSystem();
        var (client, server) = await Wire.PairAsync(system.Actors, null, new SocketOptions { Linger = TimeSpan.Zero });
        await using var end = server;
        var read = server.ReadAsync(new byte[1]).AsTask();
        client.Dispose();
        Assert.That(() => Signal.Within(read), Throws.InstanceOf<IOException>());
    }

    private static int Get(SocketConnection connection, NativeSocketOption option) => NativeSockets.GetOption(connection.Handle, option);

    private static TestCaseData Bad(SocketOptions options, string text) => new TestCaseData(options, text).SetArgDisplayNames(text);
}
