using System.Collections.Concurrent;
using System.Net;
using System.Net.Sockets;
using System.Threading.Channels;

using Microsoft.Extensions.Logging;

using Qi.Actors.IO.Tests.TestKit;
using Qi.Actors.Platform;

namespace Qi.Actors.IO.Tests.Actors;

/// <summary>Connections that are handed to an actor as they come.</summary>
internal sealed class AcceptIntoTests
{
    private const int NoMemory = 12;

    [Test]
    public async Task Connection_ThatCannotBeSetUp_ComesClosedWithAWarningAndTheNextOneArrives()
    {
        var attachFailures = new ConcurrentQueue<int>();
        await using var system = new TestSystem(FailingReactor.OptionsFor([], attachFailures));
        await using var listener = SocketListener.Bind(system.Actors, Wire.AnyPort);
        var arrived = Channel.CreateUnbounded<SocketConnection>();
        var accepting = listener.AcceptInto(system.Actors.Spawn<SocketConnection>(connection => arrived.Writer.TryWrite(connection)));
        attachFailures.Enqueue(NoMemory);

        using var first = Client(listener);
        int atFirst = await Signal.Within(EndOf(first), "the close of the first connection");
        await using var broken = await Signal.Within(arrived.Reader.ReadAsync().AsTask(), "the first connection");
        using var second = Client(listener);
        await using var accepted = await Signal.Within(arrived.Reader.ReadAsync().AsTask(), "the second connection");

        Assert.That((atFirst, accepted.RemoteEndPoint), Is.EqualTo((0, second.LocalEndPoint)));
        Assert.That(async () => await broken.ReadAsync(new byte[1]), Throws.InstanceOf<IOException>().With.InnerException.InstanceOf<PlatformException>().And.Message.Contains("could not be set up"));
        Assert.That(async () => await broken.WriteAsync(new byte[1]), Throws.InstanceOf<IOException>());
        Assert.That(async () => await broken.WriteAsync(ReadOnlyMemory<byte>.Empty), Throws.InstanceOf<IOException>());
        Assert.That(broken.EndWriting, Throws.InstanceOf<IOException>());
        Assert.That((broken.LocalEndPoint, broken.RemoteEndPoint), Is.EqualTo((listener.LocalEndPoint, first.LocalEndPoint)));
        Assert.That(async () => await broken.AsStream().ReadAsync(new byte[1]), Throws.InstanceOf<IOException>());
        Assert.That(system.Log.AtLeast(LogLevel.Warning).Select(static entry => entry.Message), Has.One.Contains(listener.LocalEndPoint.ToString()!).And.Contain("could not be set up"));
        listener.Dispose();
        await Signal.Within(accepting.AsTask(), "the end of accepting");
    }

    [Test]
    public async Task ActorOfAConnection_ThatCannotBeSetUp_SaysWhyItIsClosed([Values] bool isPaused)
    {
        var attachFailures = new ConcurrentQueue<int>();
        await using var system = new TestSystem(FailingReactor.OptionsFor([], attachFailures));
        await using var listener = SocketListener.Bind(system.Actors, Wire.AnyPort);
        attachFailures.Enqueue(NoMemory);
        using var client = Client(listener);
        var connection = await Signal.Within(listener.AcceptAsync().AsTask(), "the connection");
        var closed = Signal.NewSource<Exception?>();

        system.Actors.SpawnConnection(connection, system.Actors.Spawn<ConnectionEvent>(message => closed.TrySetResult(((Closed)message).Failure)), new ConnectionActorOptions { StartsPaused = isPaused });

        Assert.That(await Signal.Within(closed.Task, "the end"), Is.InstanceOf<IOException>().With.Message.Contains("could not be set up"));
    }

    [Test]
    public async Task Listener_ThatIsBroken_EndsItLoudly()
    {
        var failures = new ConcurrentQueue<int>([IoErrors.Invalid]);
        await using var system = new TestSystem(FailingReactor.OptionsFor(failures));
        system.ExpectErrors(1);
        await using var listener = SocketListener.Bind(system.Actors, Wire.AnyPort);

        var accepting = listener.AcceptInto(system.Actors.Spawn<SocketConnection>(static _ => { }));

        Assert.That(() => Signal.Within(accepting.AsTask()), Throws.InstanceOf<IOException>().With.Message.Contains("Invalid argument"));
        Assert.That(system.Log.AtLeast(LogLevel.Error).Single().Message, Does.Contain(listener.LocalEndPoint.ToString()!));
    }

    [Test]
    public async Task Actor_ThatHasStopped_ClosesTheListenerAtOnce()
    {
        await using var system = new TestSystem();
        await using var listener = SocketListener.Bind(system.Actors, Wire.AnyPort);
        var actor = system.Actors.Spawn<SocketConnection>(static _ => { });
        var accepting = listener.AcceptInto(actor);

        await actor.StopAsync();

        await Signal.Within(accepting.AsTask(), "the end, without another connection");
        Assert.That(() => listener.AcceptAsync(), Throws.InstanceOf<ObjectDisposedException>());
    }

    [Test]
    public async Task Actor_ThatRejectsOne_GetsTheNext()
    {
        await using var system = new TestSystem();
        await using var listener = SocketListener.Bind(system.Actors, Wire.AnyPort);
        var gate = Signal.NewSource();
        var taken = Channel.CreateUnbounded<SocketConnection>();
        var options = new ActorOptions { Mailbox = MailboxOptions.Bounded(1, MailboxFullMode.Reject) };
        var actor = system.Actors.Spawn<SocketConnection>(
            async connection =>
            {
                await gate.Task;
                taken.Writer.TryWrite(connection);
            },
            options: options);
        var accepting = listener.AcceptInto(actor);

        var clients = new List<Socket>();
        while (clients.TrueForAll(static client => !client.Poll(0, SelectMode.SelectRead)))
            clients.Add(Client(listener)); // one is handled, one waits, and another is rejected: it reads its end
        gate.SetResult();
        var later = new List<Socket>();
        bool isTaken = false;
        while (!isTaken)
        {
            later.Add(Client(listener)); // refused if the listener was closed
            while (taken.Reader.TryRead(out var connection))
                isTaken |= later.Exists(client => connection.RemoteEndPoint!.Equals(client.LocalEndPoint));
            await Task.Yield();
        }

        Assert.That(accepting.State, Is.Not.EqualTo(CoroutineState.Completed));
        clients.Concat(later).ToList().ForEach(static client => client.Dispose());
    }

    [Test]
    public async Task Accepting_BesideAnotherAccept_IsLogged()
    {
        await using var system = new TestSystem();
        system.ExpectErrors(1);
        await using var listener = SocketListener.Bind(system.Actors, Wire.AnyPort);
        var other = listener.AcceptAsync();

        var accepting = listener.AcceptInto(system.Actors.Spawn<SocketConnection>(static _ => { }));

        Assert.That(() => Signal.Within(accepting.AsTask()), Throws.InvalidOperationException);
        Assert.That(system.Log.AtLeast(LogLevel.Error).Single().Message, Does.Contain(listener.LocalEndPoint.ToString()!));
        listener.Dispose();
        Assert.That(async () => await other, Throws.InstanceOf<ObjectDisposedException>());
    }

    [Test]
    public async Task Cancel_WhileTheActorsMailboxIsFull_ClosesWhatWasNotTaken()
    {
        await using var system = new TestSystem();
        await using var listener = SocketListener.Bind(system.Actors, Wire.AnyPort);
        var gate = Signal.NewSource();
        var taken = new ConcurrentQueue<SocketConnection>();
        var entered = Signal.NewSource();
        var actor = system.Actors.Spawn<SocketConnection>(
            async connection =>
            {
                taken.Enqueue(connection);
                entered.TrySetResult();
                await gate.Task;
            },
            options: new ActorOptions { Mailbox = MailboxOptions.Bounded(1) });
        var accepting = listener.AcceptInto(actor);
        using var atWork = Client(listener);
        await Signal.Within(entered.Task, "the first connection");
        using var inMailbox = Client(listener);
        using var waiting = Client(listener);
        await Until(() => system.Actors.Pool.Reactors.OpenCount == 4); // the listener's, and three that were accepted

        accepting.Cancel();

        Assert.That(await Signal.Within(EndOf(waiting), "the close of what the actor has not taken"), Is.Zero);
        Assert.That(() => Signal.Within(accepting.AsTask()), Throws.InstanceOf<OperationCanceledException>());
        gate.SetResult();
        await Until(() => taken.Count == 2);
        foreach (var connection in taken)
            await connection.DisposeAsync();
    }

    [Test]
    public async Task Accept_ThatNobodyAwaits_IsClosedWithItsListener()
    {
        await using var system = new TestSystem();
        await using var listener = SocketListener.Bind(system.Actors, Wire.AnyPort);
        var accept = listener.AcceptAsync();
        using var client = Client(listener);
        await Until(() => accept.IsCompleted);

        listener.Dispose();

        Assert.That(await Signal.Within(EndOf(client), "the close of what nobody takes"), Is.Zero);
        Assert.That(() => Signal.Within(accept), Throws.InstanceOf<ObjectDisposedException>());
    }

    [Test]
    public async Task Accept_AwaitedInTime_IsNotClosedWithItsListener()
    {
        await using var system = new TestSystem();
        for (int round = 0; round < 100; round++)
        {
            await using var listener = SocketListener.Bind(system.Actors, Wire.AnyPort);
            var accept = listener.AcceptAsync().AsTask();
            using var client = Client(listener);
            await using var accepted = await Signal.Within(accept, "an accept");
            listener.Dispose();
            client.Send([7]);
            Assert.That(await Signal.Within(accepted.ReadAsync(new byte[1])), Is.EqualTo(1));
        }
    }

    private static Socket Client(SocketListener listener)
    {
        var client = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        client.Connect(listener.LocalEndPoint);
        return client;
    }

    // What the other end reads: 0 if the connection was closed.
    private static Task<int> EndOf(Socket client) => client.ReceiveAsync(new byte[1], SocketFlags.None);

    private static async Task Until(Func<bool> holds)
    {
        using var bound = new CancellationTokenSource(Signal.Bound);
        while (!holds())
        {
            bound.Token.ThrowIfCancellationRequested();
            await Task.Yield();
        }
    }
}
