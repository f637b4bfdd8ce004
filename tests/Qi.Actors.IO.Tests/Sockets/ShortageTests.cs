using System.Diagnostics;
using System.Net.Sockets;

using Microsoft.Extensions.Logging;

using Qi.Actors.IO.Tests.TestKit;

namespace Qi.Actors.IO.Tests.Sockets;

/// <summary>Accepting while the process has no descriptor left.</summary>
[NonParallelizable]
internal sealed class ShortageTests
{
    [Test]
    public async Task Accept_WithoutADescriptor_WaitsUntilThereIsOne_AndWarnsOnce()
    {
        var time = new VirtualTimeProvider();
        await using var system = new TestSystem(null, time);
        await using var listener = SocketListener.Bind(system.Actors, Wire.AnyPort);
        for (int shortage = 1; shortage <= 3; shortage++)
        {
            using var client = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
            client.Connect(listener.LocalEndPoint);
            Task<SocketConnection> accept;
            using (new DescriptorLimit())
            {
                accept = listener.AcceptAsync().AsTask();
                int warnings = shortage;
                await AdvanceUntil(time, () => Warnings(system).Count == warnings);
                for (int i = 0; i < 20; i++)
                    time.Advance(TimeSpan.FromSeconds(1)); // it tries again, in vain
                Assert.That(accept.IsCompleted, Is.False);
            }

            await AdvanceUntil(time, () => accept.IsCompleted);
            using var accepted = await accept;
            Assert.That(accepted.RemoteEndPoint, Is.EqualTo(client.LocalEndPoint));
            Assert.That(Warnings(system), Has.Count.EqualTo(shortage), "one for each shortage");
        }

        Assert.That(Warnings(system)[0], Does.Contain($"No descriptor is left for the next connection at {listener.LocalEndPoint}").And.Contain("ulimit -n"));
    }

    [Test]
    public async Task Accept_WhileItPauses_EndsByTokenAndByClose()
    {
        var time = new VirtualTimeProvider();
        await using var system = new TestSystem(null, time);
        var listener = SocketListener.Bind(system.Actors, Wire.AnyPort);
        using var client = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        using var cancel = new CancellationTokenSource();
        client.Connect(listener.LocalEndPoint);
        using (new DescriptorLimit())
        {
            var cancelled = listener.AcceptAsync(cancel.Token).AsTask();
            await cancel.CancelAsync();
            Assert.That(() => Signal.Within(cancelled), Throws.InstanceOf<OperationCanceledException>());
            var closed = listener.AcceptAsync().AsTask();
            Assert.That(closed.IsCompleted, Is.False);
            listener.Dispose();
            Assert.That(() => Signal.Within(closed), Throws.InstanceOf<ObjectDisposedException>());
        }

        Assert.That(Warnings(system), Has.Count.EqualTo(1));
    }

    private static List<string> Warnings(TestSystem system)
        => [.. system.Log.AtLeast(LogLevel.Warning).Select(entry => entry.Message)];

    private static async Task AdvanceUntil(VirtualTimeProvider time, Func<bool> isSo)
    {
        for (var waited = Stopwatch.StartNew(); !isSo() && waited.Elapsed < Signal.Bound;)
        {
            time.Advance(TimeSpan.FromSeconds(1));
            await Task.Yield();
        }

        Assert.That(isSo());
    }
}
