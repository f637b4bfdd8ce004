// Parties are made by one of them; each counts when it has begun, then waits. The time ends when all have begun; then the live heap
// is looked at; then each gets what it waits for, and ends. The table of handles is no part of a party and is not counted. An ActionBlock
// each is left to the command footprint: a million of them are two gigabytes, and take minutes to end.

using System.Threading.Channels;

namespace Qi.Actors.Workloads;

/// <summary>Very many parties that wait: what making one takes, and its memory.</summary>
public static class Parked
{
    public static Workload WithMailbox { get; } = new(
        "parked",
        "party",
        1_000_000,
        size => size,
        Rendering.Measuring("Qi", Actors),
        Rendering.Measuring("Qi coroutine", Receivers),
        Rendering.Measuring("Channel", Channels));

    public static Workload OnEvent { get; } = new(
        "parked-event", "party", 1_000_000, size => size, Rendering.Measuring("Qi coroutine", Sleepers), Rendering.Measuring("Task", Tasks));

    private static Outcome Actors(ActorSystem system, int size) => Park<ActorRef<int>>(
        size,
        (parties, begun, ended) => system.BlockOn(() => Fill(parties, () => system.Spawn(() => new Party(begun, ended)))),
        static actor => actor.Tell(1));

    private static Outcome Receivers(ActorSystem system, int size) => Park<JoinHandle>(
        size,
        (parties, begun, ended) => system.BlockOn(() => Fill(parties, () => system.Spawn(Receive(begun, ended)))),
        static handle => handle.Tell(1));

    private static Outcome Sleepers(ActorSystem system, int size) => Park<JoinHandle>(
        size,
        (parties, begun, ended) => system.BlockOn(() => Fill(parties, () => system.Spawn(Sleep(begun, ended)))),
        static handle => handle.Resume());

    private static Outcome Channels(ActorSystem system, int size) => Park<ChannelWriter<int>>(
        size,
        (parties, begun, ended) => FillInPool(parties, () =>
        {
            var channel = Channel.CreateUnbounded<int>();
            _ = ReceiveTask(channel.Reader, begun, ended);
            return channel.Writer;
        }),
        static writer => writer.TryWrite(1));

    private static Outcome Tasks(ActorSystem system, int size) => Park<TaskCompletionSource>(
        size,
        (parties, begun, ended) => FillInPool(parties, () =>
        {
            var source = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
            _ = SleepTask(source.Task, begun, ended);
            return source;
        }),
        static source => source.SetResult());

    private static Outcome Park<T>(int size, Action<T[], Tally, Tally> make, Action<T> wake)
    {
        var begun = new Tally(size);
        var ended = new Tally(size);
        var parties = new T[size];
        long before = LiveBytes();
        var meter = Meter.Start();
        make(parties, begun, ended);
        _ = begun.Result;
        var spent = meter.Stop();
        long bytes = LiveBytes() - before;
        foreach (var party in parties)
            wake(party);
        return new Outcome(ended.Result) { Spent = spent, BytesPerUnit = (double)bytes / size };
    }

    private static long LiveBytes()
    {
        GC.Collect();
        GC.WaitForPendingFinalizers();
        GC.Collect();
        return GC.GetTotalMemory(forceFullCollection: false);
    }

#pragma warning disable CS1998 // Nothing to wait for while they are made.
    private static async Coroutine Fill<T>(T[] parties, Func<T> make)
    {
        for (int i = 0; i < parties.Length; i++)
            parties[i] = make();
    }
#pragma warning restore CS1998

    private static void FillInPool<T>(T[] parties, Func<T> make) => Task.Run(() =>
    {
        for (int i = 0; i < parties.Length; i++)
            parties[i] = make();
    }).GetAwaiter().GetResult();

    private static async Coroutine Receive(Tally begun, Tally ended)
    {
        begun.Add(1);
        ended.Add(await Coroutine.ReceiveAsync<int>());
    }

    private static async Coroutine Sleep(Tally begun, Tally ended)
    {
        begun.Add(1);
        await Coroutine.SuspendAsync();
        ended.Add(1);
    }

    private static async Task ReceiveTask(ChannelReader<int> reader, Tally begun, Tally ended)
    {
        begun.Add(1);
        ended.Add(await reader.ReadAsync().ConfigureAwait(false));
    }

    private static async Task SleepTask(Task task, Tally begun, Tally ended)
    {
        begun.Add(1);
        await task.ConfigureAwait(false);
        ended.Add(1);
    }

    private sealed class Party(Tally begun, Tally ended) : Actor<int>
    {
        protected override void OnStarted() => begun.Add(1);

        protected override void Receive(int message)
        {
            ended.Add(message);
            Self.Complete();
        }
    }
}
