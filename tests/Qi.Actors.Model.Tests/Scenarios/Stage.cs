// What scenarios of actors, asks and coroutines play on: a system without threads, and a model thread that runs its turns. The ways into
// the dispatchers have scenarios of their own; here whatever is scheduled goes through the inject queue, whose operations are quiet but for
// its lock, and whoever works takes it from there.

using System.Runtime.CompilerServices;

using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;

using Qi.Actors.Collections;
using Qi.Actors.Coroutines;
using Qi.Actors.Model.Controller;
using Qi.Actors.Scheduling;

namespace Qi.Actors.Model.Scenarios;

/// <summary>A system whose turns model threads run.</summary>
internal sealed class Stage
{
    private static readonly QiActorsOptions s_options = new() { Name = "model" };
    private static readonly Site s_work = new(StepKind.Wait, "Stage.cs", 1);

    private static readonly Site s_end = new(StepKind.End, "Stage.cs", 2);

    private readonly InjectGate _gate;
    private readonly nuint _key = Keys.Next();

    public Stage(int dispatchers = 1)
    {
        Pool = Pools.Make(dispatchers);
        System = (ActorSystem)RuntimeHelpers.GetUninitializedObject(typeof(ActorSystem));
        Live = new LiveTable<RunItem>();
        Host = new CoroutineHost(Pool, Live);
        Pool.Owner = Host;
        Parts.Pool(System) = Pool;
        Parts.Coroutines(System) = Host;
        Parts.Live(System) = Live;
        Parts.Options(System) = s_options;
        Parts.Logger(System) = NullLogger.Instance;
        Parts.DeadLetters(System) = new DeadLetters();
        _ = AmbientContext.Default; // found by a thread of its own
        _gate = new InjectGate(Pool.Inject);
    }

    public DispatcherPool Pool { get; }

    public ActorSystem System { get; }

    public CoroutineHost Host { get; }

    public LiveTable<RunItem> Live { get; }

    /// <summary>True for what every scenario on a stage leaves to others.</summary>
    public static bool IsQuiet(string file)
        => file is "InjectQueue.cs" or "Idle.cs" or "DispatcherPool.cs" or "DispatcherMonitor.cs" or "MpscQueue.cs" or "Dispatcher.cs"
            or "DeadLetter.cs" or "LiveTable.cs" or "CoroutineHost.cs" or "ThreadContext.cs";

    /// <summary>A thread that runs turns and waits when there is none.</summary>
    public void Work()
    {
        SynchronizationContext.SetSynchronizationContext(null);
        var thread = ThreadContext.Instance;
        while (true)
        {
            var current = ModelThread.Current!;
            if (current.Delayed.Count > 0)
                current.Execution.Yield(current, s_end); // others may go on before the turn's last stores become visible
            current.Execution.Wait(current, s_work, _gate, _key);
            if (Pool.Inject.TryPop(Priority.Normal) is { } item)
                item.Run(thread);
        }
    }

    /// <summary>Runs what is queued on the calling thread, not interleaved: while a scenario is set up.</summary>
    public void WorkInSetUp()
    {
        while (Pool.Inject.TryPop(Priority.Normal) is { } item)
            item.Run(ThreadContext.Instance);
    }

    private sealed class InjectGate(InjectQueue queue) : IGate
    {
        public long DeadlineNs => -1;

        public bool IsOpen(ModelThread thread)
        {
            var asking = ModelThread.Any!;
            asking.RawDepth++;
            bool isOpen = !queue.IsEmpty;
            asking.RawDepth--;
            return isOpen;
        }

        public void TimeOut()
        {
        }
    }

    private static class Parts
    {
        [UnsafeAccessor(UnsafeAccessorKind.Field, Name = "<Pool>k__BackingField")]
        public static extern ref DispatcherPool Pool(ActorSystem system);

        [UnsafeAccessor(UnsafeAccessorKind.Field, Name = "<Coroutines>k__BackingField")]
        public static extern ref CoroutineHost Coroutines(ActorSystem system);

        [UnsafeAccessor(UnsafeAccessorKind.Field, Name = "<DeadLetters>k__BackingField")]
        public static extern ref DeadLetters DeadLetters(ActorSystem system);

        [UnsafeAccessor(UnsafeAccessorKind.Field, Name = "<Logger>k__BackingField")]
        public static extern ref ILogger Logger(ActorSystem system);

        [UnsafeAccessor(UnsafeAccessorKind.Field, Name = "_live")]
        public static extern ref LiveTable<RunItem> Live(ActorSystem system);

        [UnsafeAccessor(UnsafeAccessorKind.Field, Name = "_options")]
        public static extern ref QiActorsOptions Options(ActorSystem system);
    }
}
