using Qi.Actors.Tests.TestKit;

namespace Qi.Actors.Tests.Actors;

public sealed class ScheduleTests
{
    private VirtualTimeProvider _clock = null!;
    private SemaphoreSlim _beats = null!;
    private ActorSystem _system = null!;
    private ActorRef<string> _actor = null!;

    [SetUp]
    public void StartSystem()
    {
        _clock = new VirtualTimeProvider();
        _beats = new SemaphoreSlim(0);
        _system = new ActorSystem(new QiActorsOptions { WorkerThreads = 1 }, _clock);
        _actor = _system.Spawn<string>(_ => _beats.Release());
    }

    [TearDown]
    public async Task StopSystem()
    {
        await _system.DisposeAsync();
        _beats.Dispose();
    }

    [Test]
    public async Task Schedule_Once_SendsAtTheDueTimeAndNotBefore()
    {
        _system.Schedule(_actor, "beat", TimeSpan.FromSeconds(10));
        _clock.Advance(TimeSpan.FromSeconds(9));
        await ByHandOnly();

        _clock.Advance(TimeSpan.FromSeconds(1));
        await Beat();
    }

    [Test]
    public async Task Schedule_WithAPeriod_SendsAtEachBeatUntilDisposed()
    {
        var timer = _system.Schedule(_actor, "beat", TimeSpan.FromSeconds(1), TimeSpan.FromSeconds(5));
        await ByHandOnly();
        _clock.Advance(TimeSpan.FromSeconds(1));
        await Beat();
        for (int beat = 0; beat < 3; beat++)
        {
            _clock.Advance(TimeSpan.FromSeconds(5));
            await Beat();
        }

        timer.Dispose();
        _clock.Advance(TimeSpan.FromMinutes(1));
        await ByHandOnly();
    }

    [Test]
    public async Task Schedule_WithMissedBeats_SkipsThem()
    {
        using var timer = _system.Schedule(_actor, "beat", TimeSpan.FromSeconds(1), TimeSpan.FromSeconds(1));
        await ByHandOnly();
        _clock.Advance(TimeSpan.FromSeconds(1));
        await Beat();
        await Jump(TimeSpan.FromSeconds(100.5));
        await Beat();
        await ByHandOnly();
        _clock.Advance(TimeSpan.FromSeconds(0.5));
        await Beat();
    }

    [Test]
    public async Task Schedule_WithBadTimes_NamesThem()
    {
        await using var other = new ActorSystem(new QiActorsOptions { WorkerThreads = 1, Name = "other" });

        Assert.Throws<ArgumentOutOfRangeException>(() => _system.Schedule(_actor, "", TimeSpan.FromSeconds(-1)));
        Assert.Throws<ArgumentOutOfRangeException>(() => _system.Schedule(_actor, "", TimeSpan.Zero, TimeSpan.Zero));
        Assert.Throws<ArgumentException>(() => other.Schedule(_actor, "", TimeSpan.Zero));
    }

    [Test]
    public async Task Interval_InACoroutine_SkipsWhatItMissedAndDoesNotDrift()
    {
        var handle = _system.Spawn(async () =>
        {
            var interval = Coroutine.Interval(TimeSpan.FromSeconds(2));
            while (interval.Beats < 50)
            {
                _beats.Release();
                await interval.NextAsync();
            }

            return interval.Beats;
        });

        await Beat();
        await ByHandOnly();
        _clock.Advance(TimeSpan.FromSeconds(2));
        await Beat();
        await ByHandOnly();
        await Jump(TimeSpan.FromSeconds(97));
        await Beat();
        await ByHandOnly();
        _clock.Advance(TimeSpan.FromSeconds(1));

        Assert.That(await Signal.Within(handle.AsTask()), Is.EqualTo(50));
    }

    // Time moves while the only dispatcher is in a turn, so that it sees the end of the jump and none of the moments on the way.
    private Task Jump(TimeSpan by) => Signal.Within(_system.Spawn(() => JumpInside(by)).AsTask());

    private async Coroutine JumpInside(TimeSpan by)
    {
        _clock.Advance(by);
        await Coroutine.YieldAsync();
    }

    private Task Beat() => Signal.Within(_beats.WaitAsync(), "a beat");

    // A message by hand comes through the same mailbox: when it is the only one, no timer has sent one before. The dispatcher has
    // also been through its loop, so timers that were asked for before are armed.
    private async Task ByHandOnly()
    {
        _actor.Tell("by hand");
        await Beat();
        Assert.That(_beats.CurrentCount, Is.Zero, "A timer has sent a message too.");
    }
}
