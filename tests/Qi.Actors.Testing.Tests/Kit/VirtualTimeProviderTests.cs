namespace Qi.Actors.Testing.Tests.Kit;

/// <summary>The clock for systems with threads of their own.</summary>
internal sealed class VirtualTimeProviderTests
{
    private readonly List<string> _fired = [];

    [Test]
    public void Advance_FiresTimersInTheOrderOfTheirDeadlines_EachAtItsTime()
    {
        var time = new VirtualTimeProvider();
        using var late = Timer(time, "late", 3);
        using var early = Timer(time, "early", 1);
        using var equal = Timer(time, "equal", 3);
        using var beat = Timer(time, "beat", 1, 2);

        time.Advance(TimeSpan.FromSeconds(3));

        Assert.That(_fired, Is.EqualTo(new[] { "early 1", "beat 1", "late 3", "equal 3", "beat 3" }));
        Assert.That(time.Elapsed, Is.EqualTo(TimeSpan.FromSeconds(3)));
        Assert.That(time.TimerCount, Is.EqualTo(1));
    }

    [Test]
    public void Change_StopAndDispose_TakeTheOldSettingBack()
    {
        var time = new VirtualTimeProvider();
        var changed = Timer(time, "changed", 1);
        var stopped = Timer(time, "stopped", 1);
        var disposed = Timer(time, "disposed", 1);

        Assert.That(changed.Change(TimeSpan.FromSeconds(5), Timeout.InfiniteTimeSpan));
        Assert.That(stopped.Change(Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan));
        disposed.Dispose();
        Assert.That(disposed.Change(TimeSpan.Zero, Timeout.InfiniteTimeSpan), Is.False);
        Assert.That(time.TimerCount, Is.EqualTo(1));
        time.Advance(TimeSpan.FromSeconds(9));

        Assert.That(_fired, Is.EqualTo(new[] { "changed 5" }));
        Assert.That(() => changed.Change(TimeSpan.FromSeconds(-5), Timeout.InfiniteTimeSpan), Throws.TypeOf<ArgumentOutOfRangeException>());
    }

    [Test]
    public void Advance_ByZero_FiresWhatIsDueAtOnce()
    {
        var time = new VirtualTimeProvider();
        using var timer = Timer(time, "now", 0);
        Assert.That(_fired, Is.Empty);

        time.Advance(TimeSpan.Zero);

        Assert.That(_fired, Is.EqualTo(new[] { "now 0" }));
    }

    [Test]
    public void Timer_ThatSetsAnother_FiresItOnTheSameWay()
    {
        var time = new VirtualTimeProvider();
        using var first = time.CreateTimer(_ => Timer(time, "second", 1), null, TimeSpan.FromSeconds(1), Timeout.InfiniteTimeSpan);

        time.Advance(TimeSpan.FromSeconds(2));

        Assert.That(_fired, Is.EqualTo(new[] { "second 2" }));
    }

    [Test]
    public void SetUtcNow_MovesForwardOnly()
    {
        var start = new DateTimeOffset(2026, 5, 1, 12, 0, 0, TimeSpan.FromHours(8));
        var time = new VirtualTimeProvider(start);
        using var timer = Timer(time, "hour", 3600);

        time.SetUtcNow(start.AddHours(2));

        Assert.That(time.GetUtcNow(), Is.EqualTo(new DateTimeOffset(2026, 5, 1, 6, 0, 0, TimeSpan.Zero)).And.Property("Offset").EqualTo(TimeSpan.Zero));
        Assert.That(time.GetLocalNow().Offset, Is.EqualTo(TimeSpan.Zero));
        Assert.That(time.GetElapsedTime(0), Is.EqualTo(TimeSpan.FromHours(2)));
        Assert.That(_fired, Is.EqualTo(new[] { "hour 3600" }));
        Assert.That(() => time.SetUtcNow(start), Throws.TypeOf<ArgumentOutOfRangeException>().With.Message.Contains("does not go back"));
        Assert.That(() => time.Advance(TimeSpan.FromTicks(-1)), Throws.TypeOf<ArgumentOutOfRangeException>());
    }

    [Test]
    public void Timer_FiresInTheContextOfWhoMadeIt()
    {
        var time = new VirtualTimeProvider();
        var local = new AsyncLocal<string> { Value = "maker" };
        string? seen = null;
        using var timer = time.CreateTimer(_ => seen = local.Value, null, TimeSpan.FromSeconds(1), Timeout.InfiniteTimeSpan);
        local.Value = "advancer";

        time.Advance(TimeSpan.FromSeconds(1));

        Assert.That(seen, Is.EqualTo("maker"));
    }

    [Test]
    public async Task RealSystem_UnderIt_DelaysByVirtualTime()
    {
        var time = new VirtualTimeProvider();
        await using var system = new ActorSystem(new QiActorsOptions { WorkerThreads = 1 }, time);
        var asked = new TaskCompletionSource<TimeSpan>(TaskCreationOptions.RunContinuationsAsynchronously);
        using var timer = system.Schedule(system.Spawn<int>(_ => asked.TrySetResult(time.Elapsed)), 1, TimeSpan.FromHours(1));

        while (!asked.Task.IsCompleted && time.Elapsed < TimeSpan.FromHours(2))
        {
            time.Advance(TimeSpan.FromHours(2));
            await asked.Task.WaitAsync(TimeSpan.FromSeconds(30));
        }

        Assert.That(await asked.Task, Is.GreaterThanOrEqualTo(TimeSpan.FromHours(1)));
    }

    [Test]
    public void Times_BelowZeroOrTooLong_AreRefusedAndNamed()
    {
        var time = new VirtualTimeProvider();

        Assert.That(() => Timer(time, "early", -5), Throws.TypeOf<ArgumentOutOfRangeException>().With.Message.Contains("-00:00:05").And.Message.Contains("dueTime"));
        Assert.That(
            () => time.CreateTimer(static _ => { }, null, TimeSpan.Zero, TimeSpan.MaxValue),
            Throws.TypeOf<ArgumentOutOfRangeException>().With.Message.Contains("Timeout.InfiniteTimeSpan for never").And.Message.Contains("period"));
        Assert.That(() => time.Advance(TimeSpan.MaxValue), Throws.TypeOf<ArgumentOutOfRangeException>().With.Message.Contains("the clock ends at 9999-12-31"));
        time.Advance(TimeSpan.FromDays(1));
        Assert.That(_fired, Is.Empty);
        Assert.That(time.TimerCount, Is.Zero);
    }

    [Test]
    public void Advance_ToTheEndOfTheClock_FiresWhatComesBefore()
    {
        var time = new VirtualTimeProvider(DateTimeOffset.MaxValue - TimeSpan.FromSeconds(3));
        using var timer = Timer(time, "last", 3);
        using var never = time.CreateTimer(_ => _fired.Add("never"), null, TimeSpan.MaxValue / 2, TimeSpan.MaxValue / 2);

        time.Advance(TimeSpan.FromSeconds(3));

        Assert.That(_fired, Is.EqualTo(new[] { "last 3" }));
        Assert.That(time.GetUtcNow(), Is.EqualTo(DateTimeOffset.MaxValue));
    }

    private ITimer Timer(VirtualTimeProvider time, string name, int seconds, int period = -1)
        => time.CreateTimer(
            _ => _fired.Add($"{name} {time.Elapsed.TotalSeconds}"),
            null,
            TimeSpan.FromSeconds(seconds),
            period < 0 ? Timeout.InfiniteTimeSpan : TimeSpan.FromSeconds(period));

    [SetUp]
    public void Begin() => _fired.Clear();
}
