using System.Collections.Concurrent;
using System.Diagnostics;
using System.Net.Sockets;

using Microsoft.Extensions.Logging;

using Qi.Actors.IO.Tests.TestKit;
using Qi.Actors.Platform;

namespace Qi.Actors.IO.Tests.Sockets;

/// <summary>Accepting while the process has no descriptor left, and other failures of one connection that are no failures of the listener.</summary>
internal sealed class ShortageTests
{
    [Test]
    public async Task Accept_WithoutADescriptor_WaitsUntilThereIsOne_AndWarnsOnce()
    {
        var time = new VirtualTimeProvider();
        var failures = new ConcurrentQueue<int>();
        await using var system = new TestSystem(FailingReactor.OptionsFor(failures), time);
        await using var listener = SocketListener.Bind(system.Actors, Wire.AnyPort);
        for (int shortage = 1; shortage <= 3; shortage++)
        {
            using var client = Client(listener);
            for (int i = 0; i < 10; i++)
                failures.Enqueue(i % 2 == 0 ? IoErrors.TooManyOpen : IoErrors.TooManyOpenInSystem);
            var accept = listener.AcceptAsync().AsTask();
            Assert.That(accept.IsCompleted, Is.False, "no time has passed");
            await AdvanceUntil(time, accept);
            using var accepted = await accept;
            Assert.That(accepted.RemoteEndPoint, Is.EqualTo(client.LocalEndPoint));
            Assert.That(Warnings(system), Has.Count.EqualTo(shortage), "one for each shortage");
        }

        Assert.That(Warnings(system)[0], Does.Contain($"No descriptor is left for the next connection at {listener.LocalEndPoint}").And.Contain("ulimit -n"));
    }

    [Test]
    public async Task Accept_WhileItPauses_EndsByToken_ByItsCoroutine_AndByClose()
    {
        var time = new VirtualTimeProvider();
        var failures = new ConcurrentQueue<int>(Enumerable.Repeat(IoErrors.TooManyOpen, 3));
        await using var system = new TestSystem(FailingReactor.OptionsFor(failures), time);
        var listener = SocketListener.Bind(system.Actors, Wire.AnyPort);
        using var client = Client(listener);
        using var cancel = new CancellationTokenSource();
        var byToken = listener.AcceptAsync(cancel.Token).AsTask();
        await cancel.CancelAsync();
        Assert.That(() => Signal.Within(byToken), Throws.InstanceOf<OperationCanceledException>());

        var isAccepting = Signal.NewSource();

        async Coroutine Accepts()
        {
            var accept = listener.AcceptAsync();
            isAccepting.SetResult();
            (await accept).Dispose();
        }

        var byCoroutine = system.Actors.Spawn(Accepts);
        await Signal.Within(isAccepting.Task);
        byCoroutine.Cancel();
        Assert.That(() => Signal.Within(byCoroutine.AsTask()), Throws.InstanceOf<OperationCanceledException>());

        var byClose = listener.AcceptAsync().AsTask();
        Assert.That(byClose.IsCompleted, Is.False);
        listener.Dispose();
        Assert.That(() => Signal.Within(byClose), Throws.InstanceOf<ObjectDisposedException>());
    }

    [Test]
    public async Task Accept_OfConnectionsThatAreGone_TakesTheNextOne()
    {
        var failures = new ConcurrentQueue<int>([IoErrors.ConnectionAborted, IoErrors.ProtocolFailed, IoErrors.ConnectionAborted]);
        await using var system = new TestSystem(FailingReactor.OptionsFor(failures));
        await using var listener = SocketListener.Bind(system.Actors, Wire.AnyPort);
        using var client = Client(listener);
        using var accepted = await Signal.Within(listener.AcceptAsync());
        Assert.That(accepted.RemoteEndPoint, Is.EqualTo(client.LocalEndPoint));
        Assert.That(Warnings(system), Is.Empty);
    }

    // accept(2) of Linux: network errors that were pending on the new socket, and what a firewall forbids.
    [Test]
    public async Task Accept_WithAFailureOfOneConnection_PausesAndTakesTheNextOne_AndWarnsOnceOfEachCause()
    {
        const int NoProtocolOption = 92;
        const int HostDown = 112;
        const int NoNetwork = 64;
        const int HostUnreachable = 113;
        const int NotSupported = 95;
        const int NetworkDown = 100;
        const int NetworkUnreachable = 101;
        var time = new VirtualTimeProvider();
        var failures = new ConcurrentQueue<int>([NetworkDown, NoProtocolOption, HostDown, NoNetwork, HostUnreachable, NotSupported, NetworkUnreachable, IoErrors.NotPermitted, IoErrors.TooManyOpen]);
        await using var system = new TestSystem(FailingReactor.OptionsFor(failures), time);
        await using var listener = SocketListener.Bind(system.Actors, Wire.AnyPort);
        using var client = Client(listener);
        var accept = listener.AcceptAsync().AsTask();
        Assert.That(accept.IsCompleted, Is.False, "no time has passed");
        await AdvanceUntil(time, accept);
        using var accepted = await accept;
        Assert.That(accepted.RemoteEndPoint, Is.EqualTo(client.LocalEndPoint));
        Assert.That(Warnings(system), Has.Count.EqualTo(2));
        Assert.That(Warnings(system)[0], Does.StartWith($"A connection that came to {listener.LocalEndPoint} could not be taken: {Wire.TextOf(SocketError.NetworkDown)}"));
        Assert.That(Warnings(system)[1], Does.StartWith("No descriptor is left"), "What another cause has been told of does not hide this one.");
    }

    [Test]
    public async Task Accept_WithAFailureThatStays_Throws()
    {
        var failures = new ConcurrentQueue<int>([IoErrors.Invalid]);
        await using var system = new TestSystem(FailingReactor.OptionsFor(failures));
        await using var listener = SocketListener.Bind(system.Actors, Wire.AnyPort);
        Assert.That(() => Signal.Within(listener.AcceptAsync()), Throws.InstanceOf<IOException>().With.Message.Contains(Wire.TextOf(SocketError.InvalidArgument)));
    }

    [Test]
    [Platform("Linux", Reason = "It lowers the limit of descriptors.")]
    public async Task Accept_InAProcessWithoutDescriptors_WaitsUntilThereIsOne()
    {
        var start = new ProcessStartInfo(Environment.GetEnvironmentVariable("DOTNET_HOST_PATH") ?? "dotnet", ["exec", typeof(Program).Assembly.Location, "shortage"])
        {
            RedirectStandardOutput = true,
            UseShellExecute = false,
        };
        using var process = Process.Start(start)!;
        string output = await Signal.Within(process.StandardOutput.ReadToEndAsync(), "the process with a shortage");
        await Signal.Within(process.WaitForExitAsync());
        Assert.That((process.ExitCode, output.Trim()), Is.EqualTo((0, "waited, then accepted")));
    }

    private static Socket Client(SocketListener listener)
    {
        var client = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        client.Connect(listener.LocalEndPoint);
        return client;
    }

    private static List<string> Warnings(TestSystem system)
        => [.. system.Log.AtLeast(LogLevel.Warning).Select(entry => entry.Message)];

    private static async Task AdvanceUntil(VirtualTimeProvider time, Task task)
    {
        for (int i = 0; i < 1_000_000 && !task.IsCompleted; i++)
        {
            time.Advance(TimeSpan.FromSeconds(1));
            await Task.Yield();
        }

        await Signal.Within(task);
    }
}
