using System.Diagnostics;
using System.Threading.Channels;
using System.Threading.Tasks.Dataflow;

namespace Qi.Actors.Load;

/// <summary>Bytes of a party that has nothing to do.</summary>
internal static class FootprintCommand
{
    private const int LimitBytes = 128;
    private const int StockCount = 100_000;

    private static readonly TimeSpan s_patience = TimeSpan.FromMinutes(5);

    public static int Run(Arguments arguments)
    {
        arguments.Allow("count");
        int count = (int)arguments.Number("count", 10_000_000);
        int stock = Math.Min(count, StockCount);
        bool isGood = Report("idle actor", count, Actors(count), LimitBytes);
        isGood &= Report("parked coroutine", count, Coroutines(count), LimitBytes);
        Report("idle ActionBlock", stock, Blocks(stock), null);
        Report("idle Channel + Task", stock, Channels(stock), null);
        Console.WriteLine(isGood ? "PASS" : "FAIL");
        return isGood ? ExitCodes.Passed : ExitCodes.Failed;
    }

    private static bool Report(string what, int count, long bytes, int? limit)
    {
        double each = (double)bytes / count;
        bool isGood = limit is null || each <= limit;
        string verdict = limit is null ? "" : isGood ? $"  pass (at most {limit})" : $"  FAIL (more than {limit})";
        Console.WriteLine($"{what,-20} {count,12:N0} {each,10:0.0} bytes each{verdict}");
        return isGood;
    }

    private static long Actors(int count)
    {
        var system = new ActorSystem();
        long before = GC.GetTotalMemory(forceFullCollection: true);
        for (int i = 0; i < count; i++)
            _ = system.Spawn(static () => new Idler());
        AwaitTurns(system, count);
        return Measure(before, system);
    }

    private static long Coroutines(int count)
    {
        var system = new ActorSystem();
        long before = GC.GetTotalMemory(forceFullCollection: true);
        for (int i = 0; i < count; i++)
            _ = system.Spawn(Park(i));
        AwaitTurns(system, count);
        if (system.Statistics.ActiveTasks != count)
            throw new InvalidOperationException($"{system.Statistics.ActiveTasks} coroutines are alive; expected {count}.");
        return Measure(before, system);
    }

    private static long Blocks(int count)
    {
        long before = GC.GetTotalMemory(forceFullCollection: true);
        var blocks = new ActionBlock<int>[count];
        int handled = 0;
        for (int i = 0; i < count; i++)
        {
            blocks[i] = new ActionBlock<int>(_ => Interlocked.Increment(ref handled));
            blocks[i].Post(i);
        }

        Await(() => Volatile.Read(ref handled) == count);
        return Measure(before, blocks) - (count * IntPtr.Size);
    }

    private static long Channels(int count)
    {
        long before = GC.GetTotalMemory(forceFullCollection: true);
        var parties = new (Channel<int> Channel, Task Task)[count];
        int handled = 0;
        for (int i = 0; i < count; i++)
        {
            var channel = Channel.CreateUnbounded<int>();
            parties[i] = (channel, Consume(channel, () => Interlocked.Increment(ref handled)));
            channel.Writer.TryWrite(i);
        }

        Await(() => Volatile.Read(ref handled) == count);
        return Measure(before, parties) - (count * 2 * IntPtr.Size);
    }

    private static async Task Consume(Channel<int> channel, Action handle)
    {
        await foreach (int _ in channel.Reader.ReadAllAsync().ConfigureAwait(false))
            handle();
    }

    private static long Measure(long before, object keepAlive)
    {
        GC.Collect();
        GC.WaitForPendingFinalizers();
        long bytes = GC.GetTotalMemory(forceFullCollection: true) - before;
        GC.KeepAlive(keepAlive);
        return bytes;
    }

    private static void AwaitTurns(ActorSystem system, int count)
        => Await(() => system.Statistics is { QueuedTasks: 0 } statistics && statistics.Turns >= count);

    // Parties come to rest; then the memory of their start is garbage.
    private static void Await(Func<bool> isThere)
    {
        long start = Stopwatch.GetTimestamp();
        while (!isThere())
        {
            if (Stopwatch.GetElapsedTime(start) > s_patience)
                throw new TimeoutException("The parties did not come to rest.");
            Thread.Sleep(10);
        }
    }

    private static async Coroutine Park(int number)
    {
        await Coroutine.SuspendAsync();
        GC.KeepAlive(number);
    }

    private sealed class Idler : Actor<int>
    {
        private int _sum;

        protected override void Receive(int message) => _sum += message;
    }
}
