// Connections by the million, opened, used and closed: whatever each of them takes must come back. One in eight is reset instead of closed, which its server may see as an
// exception. A client may see none.

using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Net.Sockets;

using Qi.Actors.IO;
using Qi.Actors.Platform;

namespace Qi.Actors.Load.Soak.Io;

/// <summary>Opens and closes connections, and looks at what is left of them.</summary>
internal static class ChurnCommand
{
    private const int WarmUpConnections = 2_000;
    private const int ResetEvery = 8;
    private const int RequestBytes = 64;
    private const long MostHeapGrowthBytes = 1 << 20; // pools that fill; one byte of each connection is as much

    private static readonly TimeSpan s_deadline = TimeSpan.FromSeconds(20);
    private static readonly TimeSpan s_rest = TimeSpan.FromSeconds(90); // buffers and threads that nobody needs are let go after a minute at most
    private static readonly TimeSpan s_progress = TimeSpan.FromSeconds(10);
    private static readonly SocketOptions s_closing = new() { ConnectTimeout = s_deadline };
    private static readonly SocketOptions s_resetting = s_closing with { Linger = TimeSpan.Zero };

    private static long s_cutOff;

    public static int Run(Arguments arguments)
    {
        arguments.Allow("connections", "parties", "reactor");
        long connections = arguments.Number("connections", 1_000_000);
        int parties = (int)arguments.Number("parties", 64);
        var reactor = IoSoakCommand.ReactorFrom(arguments);
        if (!OperatingSystem.IsLinux())
            throw new UsageException("io-churn counts descriptors in /proc and needs Linux.");
        string[] left = RunAsync(connections, parties, reactor, Console.WriteLine).GetAwaiter().GetResult();
        foreach (string line in left)
            Console.WriteLine($"  VIOLATED {line}");
        Console.WriteLine(left.Length == 0 ? "PASS" : "FAIL");
        return left.Length == 0 ? ExitCodes.Passed : ExitCodes.Failed;
    }

    /// <summary>What was left behind, as sentences.</summary>
    /// <param name="connections">How many to open and close.</param>
    /// <param name="parties">How many at once.</param>
    /// <param name="reactor">What the system waits in.</param>
    /// <param name="print">Takes a line of progress.</param>
    /// <param name="waitsForBuffers">Whether memory that nobody uses has to be let go too, which takes a minute.</param>
    public static async Task<string[]> RunAsync(long connections, int parties, ReactorChoice reactor, Action<string> print, bool waitsForBuffers = true)
    {
        RestGauge[] buffers = waitsForBuffers ? [new RestGauge("bytes of buffers", HeldBytes, RestPoints.LastRest, IsOfSystem: true)] : [];
        var gauges = new RestGauges([.. Descriptors.Gauges, .. buffers]);
        var clock = Stopwatch.StartNew();
        string[] left;
        var system = new ActorSystem(new QiActorsOptions { Name = SoakRun.SystemName, WorkerThreads = 2, Reactor = reactor }, null, SoakLog.Instance);
        await using (system)
        {
            await OpenAndCloseAsync(system, WarmUpConnections, parties, static _ => { });
            await RestAsync(system, new RestGauges([]));
            print($"io-churn: {connections:N0} connections by {parties} parties, {reactor}; at rest {Describe(system)}."); // before the framework is asked what it opens to answer
            gauges.Settle(system);
            long heapBefore = MemorySamples.Collect();
            Interlocked.Exchange(ref s_cutOff, 0);
            clock.Restart();
            await OpenAndCloseAsync(system, connections, parties, done => print($"  {clock.Elapsed.TotalSeconds:0} s: {done:N0} opened and closed; {Describe(system)}"));
            print($"  {clock.Elapsed.TotalSeconds:0} s: {connections:N0} opened and closed, {connections / clock.Elapsed.TotalSeconds:N0} a second; it rests");
            left = await RestAsync(system, gauges);
            if (Interlocked.Read(ref s_cutOff) is var cutOff && cutOff > connections / ResetEvery)
                left = [.. left, $"{cutOff:N0} connections were cut off at the server, and {connections / ResetEvery:N0} were reset"];
            long heapGrowth = MemorySamples.Collect() - heapBefore;
            if (heapGrowth > MostHeapGrowthBytes)
                left = [.. left, $"left behind: {heapGrowth:N0} bytes of heap"];
            print($"  {clock.Elapsed.TotalSeconds:0} s: at rest {Describe(system)}, {heapGrowth / 1024.0:+0;-0;0} KiB of heap.");
        }

        await SoakRun.UntilAsync(() => gauges.LeftBehind(null, RestPoints.End).Length == 0, s_rest);
        return [.. left, .. gauges.LeftBehind(null, RestPoints.End), .. SoakContext.TakeSurprises()];
    }

    private static async Task OpenAndCloseAsync(ActorSystem system, long connections, int parties, Action<long> progress)
    {
        var listener = SocketListener.Bind(system, new IPEndPoint(IPAddress.Loopback, 0), new ListenerOptions { Backlog = 4096 });
        var server = system.Spawn(() => ServeAsync(system, listener)).AsTask();
        long taken = 0;
        var clients = Task.WhenAll(Enumerable.Range(0, parties).Select(_ => system.Spawn(async Coroutine () =>
        {
            long number;
            while ((number = Interlocked.Increment(ref taken)) <= connections)
                await ConnectOnceAsync(system, listener.LocalEndPoint, number % ResetEvery == 0);
        }).AsTask()));
        while (await Task.WhenAny(clients, server, Task.Delay(s_progress)) is var first && first != clients)
        {
            if (first == server)
                throw new InvalidOperationException("The server has ended before its clients.", first.Exception);
            progress(Math.Min(Interlocked.Read(ref taken), connections));
        }

        await clients;
        listener.Dispose();
        await server;
    }

    private static async Coroutine ConnectOnceAsync(ActorSystem system, EndPoint remote, bool isReset)
    {
        await using var connection = await SocketConnection.ConnectAsync(system, remote, isReset ? s_resetting : s_closing);
        using var buffer = system.GetBuffers().Rent(RequestBytes);
        var memory = buffer.Memory[..RequestBytes];
        await connection.WriteAsync(memory, s_deadline);
        for (int count = 0; count < RequestBytes;)
        {
            int read = await connection.ReadAsync(memory[count..], s_deadline);
            if (read == 0)
                throw new IOException($"The server has closed after {count} bytes of the answer.");
            count += read;
        }
    }

    private static async Coroutine ServeAsync(ActorSystem system, SocketListener listener)
    {
        try
        {
            while (true)
            {
                var connection = await listener.AcceptAsync();
                _ = Coroutine.Spawn(EchoAsync(system, connection));
            }
        }
        catch (ObjectDisposedException)
        {
            // That is how it ends.
        }
    }

    private static async Coroutine EchoAsync(ActorSystem system, SocketConnection connection)
    {
        await using var open = connection;
        using var buffer = system.GetBuffers().Rent(RequestBytes);
        try
        {
            int count;
            while ((count = await connection.ReadAsync(buffer.Memory, s_deadline)) > 0)
                await connection.WriteAsync(buffer.Memory[..count], s_deadline);
        }
        catch (IOException)
        {
            Interlocked.Increment(ref s_cutOff); // a reset, as was planned
        }
        catch (Exception e)
        {
            SoakContext.Report($"the server of a connection has failed: {e}");
        }
    }

    private static async Task<string[]> RestAsync(ActorSystem system, RestGauges gauges)
    {
        await SoakRun.UntilAsync(() => system.Statistics is { ActiveTasks: 0, QueuedTasks: 0, TimersWaiting: 0 }, s_rest);
        const RestPoints points = RestPoints.Round;
        await SoakRun.UntilAsync(() => gauges.LeftBehind(system, points).Length == 0 && gauges.LeftBehind(system, RestPoints.LastRest).Length == 0, s_rest);
        var statistics = system.Statistics;
        string[] still = statistics is { ActiveTasks: 0, QueuedTasks: 0, TimersWaiting: 0 }
            ? []
            : [$"left behind: {statistics.ActiveTasks} coroutines, {statistics.QueuedTasks} queued run items, {statistics.TimersWaiting} timers"];
        return [.. still, .. gauges.LeftBehind(system, points), .. gauges.LeftBehind(system, RestPoints.LastRest)];
    }

    private static long HeldBytes(ActorSystem? system) => system?.GetBuffers().GetStatistics().HeldBytes ?? 0;

    private static string Describe(ActorSystem system)
        => string.Create(
            CultureInfo.InvariantCulture,
            $"{Descriptors.CountOf(""),4} descriptors, {HeldBytes(system) / 1024:N0} KiB of buffers, {OwnThreads.ProcessCount()} threads, {system.Statistics.TimersWaiting} timers, {Environment.WorkingSet / 1e6:0.0} MB resident");
}
