using System.Net;

using Qi.Actors.IO;

namespace Qi.Actors.Load.Soak.Io;

/// <summary>Connections that are driven by messages: they send back what comes, pause and go on, and tell their end once.</summary>
internal static class MessageEpisode
{
    private static readonly TimeSpan s_pause = TimeSpan.FromMilliseconds(2);

    public static async Task Echo(SoakContext context)
    {
        var random = context.Random;
        bool isTroubled = random.Next(2) == 0;
        var options = new SocketOptions { Linger = isTroubled && random.Next(2) == 0 ? TimeSpan.Zero : null };
        var listener = SocketListener.Bind(context.System, new IPEndPoint(IPAddress.Loopback, 0), new ListenerOptions { Connections = options });
        var servers = new Servers(context, random.Next(1, 4), random.Next());
        var acceptor = context.System.Spawn<SocketConnection>(servers.Serve, options: new ActorOptions { Mailbox = MailboxOptions.Bounded(2) });
        var accepting = listener.AcceptInto(acceptor);
        int count = random.Next(1, 5);
        var clients = Enumerable.Range(0, count).Select(_ => new Random(random.Next())).Select(own => context.Run(() => ClientAsync(context, listener.LocalEndPoint, options, isTroubled, own)));
        await context.Within(Task.WhenAll(clients.ToArray()), "clients of connections that are actors");
        listener.Dispose();
        await context.Within(accepting.AsTask(), "the end of accepting");
        await context.Within(acceptor.StopAsync(), "the actor that accepts"); // with what was in its mailbox
        context.Check(await context.Until(() => servers.Ended == servers.Opened), $"{servers.Opened} connections were made actors, and {servers.Ended} have told their end");
        await context.Within(servers.StopAsync(), "the handlers");
    }

    // What is sent comes back: one flow, sent and received at the same end.
    private static async Coroutine ClientAsync(SoakContext context, EndPoint remote, SocketOptions options, bool isTroubled, Random random)
    {
        var transfer = context.Ledger.NewMessage();
        var flow = new Flow(context, "messages", random.Next(3) == 0 ? random.Next(100) : random.Next(800_000), (ulong)random.NextInt64());
        using var end = new SocketEnd(await SocketConnection.ConnectAsync(context.System, remote, options));
        var sending = Coroutine.Spawn(GuardAsync(flow.SendAsync(end, new Random(random.Next()), Timeout.InfiniteTimeSpan, default), isTroubled));
        var receiving = Coroutine.Spawn(GuardAsync(flow.ReceiveAsync(end, (ReadStyle)random.Next(6), new Random(random.Next())), isTroubled));
        if (isTroubled)
        {
            await Coroutine.DelayAsync(TimeSpan.FromMilliseconds(random.Next(10)));
            end.Dispose();
        }

        await receiving;
        await sending;
        flow.Settle(transfer, isTroubled);
    }

    private static async Coroutine GuardAsync(Coroutine part, bool isTroubled)
    {
        try
        {
            await part;
        }
        catch (Exception e) when (isTroubled && Flow.IsTrouble(e))
        {
            // As was planned.
        }
    }

    /// <summary>The actors at the other side: a handler for each connection.</summary>
    private sealed class Servers(SoakContext context, int mailbox, int seed)
    {
        private readonly Lock _lock = new();
        private readonly Random _random = new(seed);
        private readonly List<ActorRef<ConnectionEvent>> _handlers = [];
        private int _opened;
        private int _closed;

        public int Opened => Volatile.Read(ref _opened);

        public int Ended => Volatile.Read(ref _closed);

        public void Serve(SocketConnection connection)
        {
            Interlocked.Increment(ref _opened);
            int own;
            lock (_lock)
                own = _random.Next();
            var random = new Random(own);
            bool isClosed = false;
            var handler = context.System.Spawn<ConnectionEvent>(
                message =>
                {
                    context.Check(!isClosed, $"{message.GetType().Name} after Closed");
                    isClosed |= message is Closed;
                    Handle(message, random);
                },
                options: new ActorOptions { Mailbox = MailboxOptions.Bounded(mailbox) });
            lock (_lock)
                _handlers.Add(handler);
            context.System.SpawnConnection(connection, handler, new ConnectionActorOptions { ReadBytes = random.Next(2) == 0 ? 1_000 : 65_536 });
        }

        public Task StopAsync()
        {
            lock (_lock)
                return Task.WhenAll(_handlers.Select(static handler => handler.StopAsync()));
        }

        private void Handle(ConnectionEvent message, Random random)
        {
            switch (message)
            {
                case Received received:
                    using (received)
                        received.Connection.Tell(new Send(received.Bytes.ToArray()));
                    if (random.Next(50) != 0)
                        break;
                    received.Connection.Tell(new PauseReading());
                    context.System.Schedule(received.Connection, new ResumeReading(), s_pause);
                    break;
                case PeerEnded:
                    message.Connection.Tell(new EndWriting());
                    message.Connection.Tell(new CloseConnection());
                    break;
                case Closed:
                    Interlocked.Increment(ref _closed);
                    break;
            }
        }
    }
}
