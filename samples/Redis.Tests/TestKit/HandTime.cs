namespace Redis.Tests.TestKit;

/// <summary>Time that goes on when a test says so.</summary>
internal sealed class HandTime : TimeProvider
{
    private long _ticks;

    public override long TimestampFrequency => TimeSpan.TicksPerSecond;

    public override long GetTimestamp() => _ticks;

    public void Advance(int milliseconds) => _ticks += milliseconds * TimeSpan.TicksPerMillisecond;
}
