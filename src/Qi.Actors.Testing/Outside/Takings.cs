namespace Qi.Actors.Testing.Outside;

/// <summary>What can be taken over in this framework, and the spare objects for it.</summary>
/// <param name="timers">Null if timers cannot be taken over.</param>
/// <param name="pool">Null if pool work cannot be taken over.</param>
/// <param name="trap">Null if work for the pool's global queue cannot be.</param>
internal sealed class Takings(TimerInternals? timers, PoolInternals? pool, GlobalQueueTrap? trap)
{
    private static readonly Lock s_lock = new();
    private static readonly Stack<TimerTaking> s_spare = [];

    /// <summary>All that can be done here. A framework of another version may lack a private member, and a program compiled ahead of time has no dynamic methods.</summary>
    public static Takings OfThisFramework { get; } = new(Load(static () => new TimerInternals()), Load(static () => new PoolInternals()), Load(static () => new GlobalQueueTrap()));

    /// <summary>All but work for the pool's global queue.</summary>
    public static Takings WithoutTrap { get; } = new(OfThisFramework.Timers, OfThisFramework.Pool, null);

    /// <summary>Nothing: everything is refused.</summary>
    public static Takings None { get; } = new(null, null, null);

    private TimerInternals? Timers => timers;

    private PoolInternals? Pool => pool;

    public TimerTaking? RentTimers()
    {
        if (timers is null)
            return null;

        lock (s_lock)
        {
            if (s_spare.TryPop(out var spare))
                return spare;
        }

        return new TimerTaking(timers);
    }

    public static void Return(TimerTaking taking)
    {
        taking.End();
        lock (s_lock)
            s_spare.Push(taking);
    }

    public PoolTaking? NewPool() => pool is null ? null : new PoolTaking(pool, trap);

    private static T? Load<T>(Func<T> make)
        where T : class
    {
        try
        {
            return make();
        }
        catch (Exception e) when (e is MissingMemberException or PlatformNotSupportedException)
        {
            return null;
        }
    }
}
