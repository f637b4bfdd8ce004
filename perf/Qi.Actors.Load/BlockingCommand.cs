using System.Diagnostics;

namespace Qi.Actors.Load;

/// <summary>What others see while an actor blocks its thread.</summary>
internal static class BlockingCommand
{
    private static readonly TimeSpan s_block = TimeSpan.FromMilliseconds(200);
    private static readonly TimeSpan s_tick = TimeSpan.FromMilliseconds(1);
    private static readonly TimeSpan s_quiet = TimeSpan.FromMilliseconds(400);
    private static readonly TimeSpan s_afterBlock = TimeSpan.FromMilliseconds(20);

    public static int Run(Arguments arguments)
    {
        arguments.Allow("seconds", "limit");
        var time = TimeSpan.FromSeconds(arguments.Number("seconds", 5));
        long limitMs = arguments.Number("limit", 20);
        bool isGood = WhileBusy(time, limitMs);
        isGood &= AfterQuiet(time, limitMs);
        Console.WriteLine(isGood ? "PASS" : "FAIL");
        return isGood ? ExitCodes.Passed : ExitCodes.Failed;
    }

    // Coroutines ask actors all the time; another actor sleeps in its handler again and again.
    private static bool WhileBusy(TimeSpan time, long limitMs)
    {
        var system = new ActorSystem();
        var delays = new Delays();
        var end = new CancellationTokenSource();
        var sleeper = system.Spawn(() => new Sleeper());
        sleeper.Tell(0);
        var responders = Enumerable.Range(0, 4).Select(_ => system.Spawn<ReplyTo<int>>(static reply => reply.Tell(1))).ToArray();
        var askers = responders.Select(responder => system.Spawn(() => Ask(responder, delays, end.Token))).ToArray();
        Thread.Sleep(time);
        end.Cancel();
        foreach (var asker in askers)
            asker.GetAwaiter().GetResult();
        long handOffs = system.Statistics.HandOffs;
        system.StopAsync(StopMode.Now).GetAwaiter().GetResult();
        end.Dispose();
        return Report("asks and delays beside a blocking actor", delays, limitMs, handOffs);
    }

    // All dispatchers have slept for long; then a timer's coroutine blocks, and the same dispatcher has another timer.
    private static bool AfterQuiet(TimeSpan time, long limitMs)
    {
        var system = new ActorSystem();
        var delays = new Delays();
        long start = Stopwatch.GetTimestamp();
        while (Stopwatch.GetElapsedTime(start) < time)
            system.BlockOn(() => BlockAfterQuiet(system, delays));
        long handOffs = system.Statistics.HandOffs;
        system.StopAsync(StopMode.Now).GetAwaiter().GetResult();
        return Report("a timer beside one that blocks after a quiet time", delays, limitMs, handOffs);
    }

    private static async Coroutine BlockAfterQuiet(ActorSystem system, Delays delays)
    {
        var blocker = system.Spawn(Block);
        var late = s_quiet + s_afterBlock;
        long start = Stopwatch.GetTimestamp();
        await Coroutine.DelayAsync(late);
        delays.Note(Stopwatch.GetElapsedTime(start) - late);
        await blocker;
    }

    private static async Coroutine Block()
    {
        await Coroutine.DelayAsync(s_quiet);
        Thread.Sleep(s_block);
    }

    private static async Coroutine Ask(ActorRef<ReplyTo<int>> responder, Delays delays, CancellationToken end)
    {
        while (!end.IsCancellationRequested)
        {
            long start = Stopwatch.GetTimestamp();
            await responder.AskAsync<int>(static reply => reply, CancellationToken.None);
            delays.Note(Stopwatch.GetElapsedTime(start));
            start = Stopwatch.GetTimestamp();
            await Coroutine.DelayAsync(s_tick);
            delays.Note(Stopwatch.GetElapsedTime(start) - s_tick);
        }
    }

    private static bool Report(string what, Delays delays, long limitMs, long handOffs)
    {
        bool isGood = delays.Largest.TotalMilliseconds <= limitMs;
        Console.WriteLine($"{what}: {delays.Largest.TotalMilliseconds:0.0} ms at most in {delays.Count:N0} waits, {handOffs} hand-offs  {(isGood ? "pass" : "FAIL")} (at most {limitMs} ms)");
        return isGood;
    }

    private sealed class Delays
    {
        private readonly Lock _lock = new();

        public TimeSpan Largest { get; private set; }

        public long Count { get; private set; }

        public void Note(TimeSpan delay)
        {
            lock (_lock)
            {
                Count++;
                if (delay > Largest)
                    Largest = delay;
            }
        }
    }

    private sealed class Sleeper : Actor<int>
    {
        protected override void Receive(int message)
        {
            Thread.Sleep(s_block);
            Self.Tell(message);
        }
    }
}
