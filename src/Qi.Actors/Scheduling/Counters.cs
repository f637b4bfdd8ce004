// Plain counters: written only by their thread, read by anyone without ordering. A reader may be a little behind; it is
// never wrong about what has settled. The counters of a thread that ends are folded into the pool's.

using Qi.Actors.Platform;

namespace Qi.Actors.Scheduling;

/// <summary>What one thread has done for a dispatcher pool.</summary>
internal sealed class Counters : PaddedObject
{
    public CacheLinePadding After;

    public long Turns;
    public long Messages;
    public long ActorsSpawned;
    public long ActorsStopped;
    public long Spawned;
    public long Completed;
    public long Steals;
    public long StealAttempts;
    public long StolenItems;
    public long Parks;
    public long Overflows;
    public long TimersFired;
    public long IoEvents;

    /// <summary>Adds another set of counters to this one.</summary>
    public void Add(Counters other)
    {
        Turns += other.Turns;
        Messages += other.Messages;
        ActorsSpawned += other.ActorsSpawned;
        ActorsStopped += other.ActorsStopped;
        Spawned += other.Spawned;
        Completed += other.Completed;
        Steals += other.Steals;
        StealAttempts += other.StealAttempts;
        StolenItems += other.StolenItems;
        Parks += other.Parks;
        Overflows += other.Overflows;
        TimersFired += other.TimersFired;
        IoEvents += other.IoEvents;
    }
}
