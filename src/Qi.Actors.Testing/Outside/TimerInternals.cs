// The private side of the framework's timers. All of them (Timer, PeriodicTimer, Task.Delay, Task.WaitAsync, CancellationTokenSource)
// are a TimerQueueTimer in one of the TimerQueues, one queue a processor, each with a lock that guards its timers' fields and two
// lists of them, short and long.

namespace Qi.Actors.Testing.Outside;

/// <summary>Access to System.Threading.TimerQueue and TimerQueueTimer.</summary>
internal sealed class TimerInternals
{
    /// <summary>What the framework writes for "never".</summary>
    public const uint Never = uint.MaxValue;

    private readonly Type _queueType = PrivateMember.Type("System.Threading.TimerQueue");
    private readonly FieldOf<Lock> _lock;

    public TimerInternals()
    {
        var timer = PrivateMember.Type("System.Threading.TimerQueueTimer");
        _lock = PrivateMember.Field<Lock>(_queueType, "<SharedLock>k__BackingField");
        ShortList = PrivateMember.Field<object?>(_queueType, "_shortTimers");
        LongList = PrivateMember.Field<object?>(_queueType, "_longTimers");
        Threshold = PrivateMember.Field<long>(_queueType, "_currentAbsoluteThreshold");
        IsNativeSet = PrivateMember.Field<bool>(_queueType, "_isTimerScheduled");
        NativeDuration = PrivateMember.Field<uint>(_queueType, "_currentTimerDuration");
        Update = PrivateMember.Method<Func<object, object, uint, uint, bool>>(_queueType, "UpdateTimer", timer, typeof(uint), typeof(uint));
        Delete = PrivateMember.Method<Action<object, object>>(_queueType, "DeleteTimer", timer);
        MoveToList = PrivateMember.Method<Action<object, object, bool>>(_queueType, "MoveTimerToCorrectList", timer, typeof(bool));

        Queue = PrivateMember.Field<object>(timer, "_associatedTimerQueue");
        Next = PrivateMember.Field<object?>(timer, "_next");
        StartTicks = PrivateMember.Field<long>(timer, "_startTicks");
        DueTime = PrivateMember.Field<uint>(timer, "_dueTime");
        Period = PrivateMember.Field<uint>(timer, "_period");
        Callback = PrivateMember.Field<TimerCallback>(timer, "_timerCallback");
        State = PrivateMember.Field<object?>(timer, "_state");
        Fire = PrivateMember.Method<Action<object, bool>>(timer, "Fire", typeof(bool));
        Queues = [.. ((Array)PrivateMember.StaticValue(_queueType, "<Instances>k__BackingField")).Cast<object>()];
    }

    /// <summary>The queues whose timers are real, always in the same order.</summary>
    public object[] Queues { get; }

    public FieldOf<object?> ShortList { get; }

    public FieldOf<object?> LongList { get; }

    /// <summary>A timer due before that tick count goes to the short list.</summary>
    public FieldOf<long> Threshold { get; }

    public FieldOf<bool> IsNativeSet { get; }

    public FieldOf<uint> NativeDuration { get; }

    /// <summary>Sets or changes a timer: queue, timer, due, period. Queue's lock held, as for the next two.</summary>
    public Func<object, object, uint, uint, bool> Update { get; }

    public Action<object, object> Delete { get; }

    /// <summary>Moves a timer that is set to the head of the short (true) or long list.</summary>
    public Action<object, object, bool> MoveToList { get; }

    public FieldOf<object> Queue { get; }

    public FieldOf<object?> Next { get; }

    public FieldOf<long> StartTicks { get; }

    public FieldOf<uint> DueTime { get; }

    public FieldOf<uint> Period { get; }

    public FieldOf<TimerCallback> Callback { get; }

    public FieldOf<object?> State { get; }

    /// <summary>Calls the timer's callback unless it is disposed; false for a thread that is none of the pool's.</summary>
    public Action<object, bool> Fire { get; }

    /// <summary>The lock that guards a queue and its timers.</summary>
    public Lock LockOf(object queue) => _lock(queue);

    /// <summary>A queue of our own, which the framework knows nothing of.</summary>
    public object NewQueue() => Activator.CreateInstance(
        _queueType, System.Reflection.BindingFlags.Instance | System.Reflection.BindingFlags.NonPublic | System.Reflection.BindingFlags.Public, null, [0], null)!;
}
