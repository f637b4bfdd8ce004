namespace Redis.Keyspace;

/// <summary>The time of deadlines: it goes on evenly, whatever happens to the time of day.</summary>
internal sealed class Clock(TimeProvider time)
{
    private readonly long _start = time.GetTimestamp();

    /// <summary>Since the server began. <b>Units</b>: milliseconds.</summary>
    public long NowMs => (long)time.GetElapsedTime(_start).TotalMilliseconds;
}
