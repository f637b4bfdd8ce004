using System.Net.Sockets;

using Microsoft.Extensions.Logging;

using Qi.Actors.IO.Tests.TestKit;
using Qi.Actors.Platform;

namespace Qi.Actors.IO.Tests;

/// <summary>What a test runs in a process of its own, because it takes something from the whole process.</summary>
internal static class Program
{
    public static async Task<int> Main(string[] arguments)
    {
        if (arguments is not ["shortage"])
            return 2;
        Console.WriteLine(await Shortage());
        return 0;
    }

    // The first round, with descriptors, loads whatever the second one needs: an assembly is a file.
    private static async Task<string> Shortage()
    {
        using var log = new LogRecorder();
        await using var system = new ActorSystem(new QiActorsOptions { WorkerThreads = 1, Reactor = ReactorChoice.Epoll }, null, log);
        await using var listener = SocketListener.Bind(system, Wire.AnyPort);
        log.CreateLogger("first").LogWarning("{Text}", new SocketException((int)SocketError.TooManyOpenSockets).Message);
        using (var first = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp))
        {
            first.Connect(listener.LocalEndPoint);
            (await listener.AcceptAsync()).Dispose();
            await Task.Run(static () => { }); // the pool makes its threads
        }

        using var client = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        client.Connect(listener.LocalEndPoint);
        Task<SocketConnection> accept;
        var limit = new DescriptorLimit();
        accept = listener.AcceptAsync().AsTask();
        bool hasWaited = !accept.IsCompleted;
        limit.Dispose();
        using var accepted = await accept;
        bool hasWarned = log.AtLeast(LogLevel.Warning).Any(entry => entry.Message.StartsWith("No descriptor", StringComparison.Ordinal));
        return hasWaited && hasWarned ? "waited, then accepted" : $"waited: {hasWaited}, warned: {hasWarned}";
    }
}
