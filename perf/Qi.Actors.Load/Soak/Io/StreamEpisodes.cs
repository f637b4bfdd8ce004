using System.Net;
using System.Net.Security;
using System.Net.Sockets;
using System.Runtime.Versioning;

using Qi.Actors.IO;

namespace Qi.Actors.Load.Soak.Io;

/// <summary>Conversations over all that carries a stream of bytes.</summary>
internal static class StreamEpisodes
{
    private const int MostAtOnce = 5;
    private const int LeastReceiveBufferBytes = 20_000;

    public static Task Tcp(SoakContext context) => Connections(context, "tcp", AnyTcp(context.Random), isTroubled: false);

    public static Task TcpTroubled(SoakContext context) => Connections(context, "tcp-ends", AnyTcp(context.Random), isTroubled: true);

    public static async Task Unix(SoakContext context)
    {
        using var scratch = new Scratch();
        await Connections(context, "unix", new UnixDomainSocketEndPoint(scratch["a.sock"]), isTroubled: false);
    }

    public static async Task UnixTroubled(SoakContext context)
    {
        using var scratch = new Scratch();
        await Connections(context, "unix-ends", new UnixDomainSocketEndPoint(scratch["a.sock"]), isTroubled: true);
    }

    [SupportedOSPlatform("linux")]
    public static async Task Pipes(SoakContext context)
    {
        bool isTroubled = context.Random.Next(2) == 0;
        var conversations = Enumerable.Range(0, context.Random.Next(1, MostAtOnce)).Select(_ => new Random(context.Random.Next())).Select(random => context.Run(async Coroutine () =>
        {
            var there = PipeEnd.CreatePair(context.System);
            var back = PipeEnd.CreatePair(context.System);
            var trouble = isTroubled ? Conversation.Choose(random, hasDeadlines: false) : Trouble.None;
            await new Conversation(context, "pipes", trouble, random).RunAsync(new PipesEnd(back.Reading, there.Writing), new PipesEnd(there.Reading, back.Writing));
        }));
        await context.Within(Task.WhenAll(conversations.ToArray()), "conversations by pipes");
    }

    [SupportedOSPlatform("linux")]
    public static async Task NamedPipes(SoakContext context)
    {
        using var scratch = new Scratch();
        var random = context.Random;
        string path = scratch["fifo"];
        PipeEnd.CreateNamed(path);
        if (random.Next(2) == 0)
            context.Check(await IsOpeningCancelled(context, path), "a cancelled opening of a named pipe was not");
        var flow = new Flow(context, "named pipe", random.Next(500_000), (ulong)random.NextInt64());
        var transfer = context.Ledger.NewMessage();
        int seed = random.Next();
        var reader = context.Run(async Coroutine () =>
        {
            var end = await PipeEnd.OpenForReadingAsync(context.System, path);
            using var reading = new PipesEnd(end, end);
            await flow.ReceiveAsync(reading, (ReadStyle)(seed % 6), new Random(seed));
        });
        var writer = context.Run(async Coroutine () =>
        {
            var end = await PipeEnd.OpenForWritingAsync(context.System, path);
            using var writing = new PipesEnd(end, end);
            await flow.SendAsync(writing, new Random(seed + 1), Timeout.InfiniteTimeSpan, default);
        });
        await context.Within(Task.WhenAll(reader, writer), "both ends of a named pipe");
        flow.Settle(transfer, isDisturbed: false);
    }

    public static async Task Tls(SoakContext context)
    {
        bool isTroubled = context.Random.Next(2) == 0;
        int count = context.Random.Next(1, MostAtOnce);
        await using var listener = SocketListener.Bind(context.System, new IPEndPoint(IPAddress.Loopback, 0));
        for (int i = 0; i < count; i++)
        {
            var random = new Random(context.Random.Next());
            await context.Run(async Coroutine () =>
            {
                var connecting = SocketConnection.ConnectAsync(context.System, listener.LocalEndPoint);
                await using var server = await listener.AcceptAsync();
                await using var client = await connecting;
                await using var clientTls = new SslStream(client.AsStream());
                await using var serverTls = new SslStream(server.AsStream());
                await TlsSide.ShakeHandsAsync(clientTls, serverTls);
                var trouble = isTroubled ? Conversation.Choose(random, hasDeadlines: false) : Trouble.None;
                await new Conversation(context, "tls", trouble, random).RunAsync(new TlsEnd(clientTls, client), new TlsEnd(serverTls, server));
            });
        }
    }

    private static async Task Connections(SoakContext context, string name, EndPoint local, bool isTroubled)
    {
        var random = context.Random;
        int count = random.Next(1, MostAtOnce);
        var options = OptionsFor(random, isTroubled);
        await using var listener = SocketListener.Bind(context.System, local, new ListenerOptions { Connections = options });
        var conversations = new List<Task>();
        for (int i = 0; i < count; i++)
        {
            var connecting = SocketConnection.ConnectAsync(context.System, listener.LocalEndPoint, options).AsTask();
            var accepted = await context.Within(listener.AcceptAsync().AsTask(), "an accept");
            var connected = await context.Within(connecting, "a connection");
            var own = new Random(random.Next());
            var trouble = isTroubled ? Conversation.Choose(own, hasDeadlines: true) : Trouble.None;
            var (first, second) = own.Next(2) == 0 ? (accepted, connected) : (connected, accepted);
            conversations.Add(context.Run(() => new Conversation(context, $"{name} {trouble}", trouble, own).RunAsync(new SocketEnd(first), new SocketEnd(second))));
        }

        await context.Within(Task.WhenAll(conversations), $"conversations by {name}");
    }

    // A linger time of zero makes a close a reset, and would cut off what is under way in a conversation that ends in order. A much smaller buffer for what is received, on a loopback
    // whose segments have 64 KiB, makes TCP send a few thousand bytes each 200 ms: that would be no fault, and last minutes.
    private static SocketOptions OptionsFor(Random random, bool isTroubled) => new()
    {
        Linger = isTroubled && random.Next(2) == 0 ? TimeSpan.Zero : null,
        NoDelay = random.Next(2) == 0,
        SendBufferBytes = random.Next(2) == 0 ? random.Next(2_000, 50_000) : null,
        ReceiveBufferBytes = random.Next(2) == 0 ? random.Next(LeastReceiveBufferBytes, 100_000) : null,
    };

    private static IPEndPoint AnyTcp(Random random) => new(Socket.OSSupportsIPv6 && random.Next(3) == 0 ? IPAddress.IPv6Loopback : IPAddress.Loopback, 0);

    [SupportedOSPlatform("linux")]
    private static async Task<bool> IsOpeningCancelled(SoakContext context, string path)
    {
        using var cancel = new CancellationTokenSource();
        var opening = context.Random.Next(2) == 0 ? PipeEnd.OpenForReadingAsync(context.System, path, cancel.Token) : PipeEnd.OpenForWritingAsync(context.System, path, cancel.Token);
        cancel.CancelAfter(context.Random.Next(1, 10));
        return await context.Throws<OperationCanceledException>(() => opening.AsTask());
    }
}
