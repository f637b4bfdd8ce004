namespace Qi.Actors.Testing.Tests.Outside;

/// <summary>Every kind of timer that the framework has, in virtual time. Delays are minutes, so real ones would show.</summary>
public sealed class TimerTakingTests
{
    private FakeHost _host = null!;

    [SetUp]
    public void Begin() => _host = new FakeHost();

    [TearDown]
    public void End() => _host.Dispose();

    [Test]
    public void Delay_Awaited_EndsAtItsVirtualTime()
    {
        long endedMs = -1;
        async Task Wait()
        {
            await Task.Delay(60_000);
            endedMs = _host.NowMs;
        }

        _host.Turn(() => _ = Wait());
        _host.Advance(59_999);
        Assert.That(endedMs, Is.EqualTo(-1));
        _host.Advance(1);
        Assert.That(endedMs, Is.EqualTo(60_000));
        Assert.That(_host.Scheduled, Is.EqualTo(["Task.Delay 60000"]));
    }

    [Test]
    public void Delay_Cancelled_IsNoLongerScheduled()
    {
        using var cancel = new CancellationTokenSource();
        Task? delay = null;
        _host.Turn(() => delay = Task.Delay(60_000, cancel.Token));
        Assert.That(_host.TimersWaiting, Is.EqualTo(1));
        _host.Turn(cancel.Cancel);
        Assert.That(delay!.IsCanceled, Is.True);
        Assert.That(_host.TimersWaiting, Is.Zero);
    }

    [Test]
    public void Timers_OfOneTurn_AreScheduledInTheOrderOfTheirSetting()
    {
        var timers = new List<Timer>();
        _host.Turn(() =>
        {
            for (int index = 0; index < 50; index++)
                timers.Add(new Timer(static _ => { }, null, 60_000 + (index * 7 % 50), Timeout.Infinite));
            timers[3].Change(70_000, Timeout.Infinite);
        });
        var expected = Enumerable.Range(0, 50).Where(index => index != 3).Select(index => $"{60_000 + (index * 7 % 50)}").Append("70000");
        Assert.That(_host.Scheduled.Select(entry => entry.Split(' ')[^1]), Is.EqualTo(expected));
        timers.ForEach(timer => timer.Dispose());
    }

    [Test]
    public void Timer_WithPeriod_RepeatsUntilDisposed()
    {
        var calls = new List<long>();
        Timer? timer = null;
        _host.Turn(() => timer = new Timer(_ => calls.Add(_host.NowMs), null, 1_000, 60_000));
        _host.Advance(130_000);
        Assert.That(calls, Is.EqualTo([1_000, 61_000, 121_000]));
        _host.Turn(() => timer!.Dispose());
        _host.Advance(130_000);
        Assert.That(calls, Has.Count.EqualTo(3));
        Assert.That(_host.TimersWaiting, Is.Zero);
    }

    [Test]
    public void Timer_DisposedInItsOwnTick_StopsRepeating()
    {
        int calls = 0;
        Timer? timer = null;
        _host.Turn(() => timer = new Timer(
            _ =>
            {
                if (++calls == 2)
                    timer!.Dispose();
            },
            null,
            1_000,
            1_000));
        _host.Advance(10_000);
        Assert.That(calls, Is.EqualTo(2));
    }

    [Test]
    public void Timer_ChangedInALaterTurn_FiresAtTheNewTimeOnly()
    {
        var calls = new List<long>();
        Timer? timer = null;
        _host.Turn(() => timer = new Timer(_ => calls.Add(_host.NowMs), null, 10_000, Timeout.Infinite));
        _host.Advance(5_000);
        _host.Turn(() => timer!.Change(60_000, Timeout.Infinite));
        Assert.That(_host.TimersWaiting, Is.EqualTo(1));
        _host.Advance(100_000);
        Assert.That(calls, Is.EqualTo([65_000]));
        timer!.Dispose();
    }

    [Test]
    public void Timer_StoppedAndSetAgain_FiresOnce()
    {
        var calls = new List<long>();
        Timer? timer = null;
        _host.Turn(() => timer = new Timer(_ => calls.Add(_host.NowMs), null, 10_000, 10_000));
        _host.Turn(() => timer!.Change(Timeout.Infinite, Timeout.Infinite));
        Assert.That(_host.TimersWaiting, Is.Zero);
        _host.Advance(50_000);
        Assert.That(calls, Is.Empty);
        _host.Turn(() => timer!.Change(1_000, Timeout.Infinite));
        _host.Advance(50_000);
        Assert.That(calls, Is.EqualTo([51_000]));
        timer!.Dispose();
    }

    [Test]
    public void Timer_Fired_DoesNotFireAgain()
    {
        int calls = 0;
        Timer? timer = null;
        _host.Turn(() => timer = new Timer(_ => calls++, null, 1_000, Timeout.Infinite));
        var taken = _host.LastTimer!;
        Assert.That(taken.IsScheduled, Is.True);
        _host.Advance(1_000);
        Assert.That(taken.IsScheduled, Is.False);
        Assert.That(taken.Fire(), Is.False);
        Assert.That(calls, Is.EqualTo(1));
        timer!.Dispose();
    }

    [Test]
    public void Timer_OfAnEndedSimulation_IsStopped()
    {
        Timer? timer = null;
        _host.Turn(() => timer = new Timer(static _ => { }, null, 1_000, Timeout.Infinite));
        _host.Dispose();
        Assert.That(_host.LastTimer!.IsScheduled, Is.False);
        timer!.Dispose();
    }

    [Test]
    public void Timer_SetAndDisposedInOneTurn_IsNotScheduled()
    {
        _host.Turn(static () => new Timer(static _ => { }, null, 10_000, 10_000).Dispose());
        Assert.That(_host.Scheduled, Is.Empty);
    }

    [Test]
    public void Timer_Fired_RunsInTheExecutionContextOfItsMaking()
    {
        var local = new AsyncLocal<string>();
        string? seen = null;
        Timer? timer = null;
        _host.Turn(() =>
        {
            local.Value = "made";
            timer = new Timer(_ => seen = local.Value, null, 1_000, Timeout.Infinite);
            local.Value = "later";
        });
        _host.Advance(1_000);
        Assert.That(seen, Is.EqualTo("made"));
        timer!.Dispose();
    }

    [Test]
    public void CancellationTokenSource_WithDelay_CancelsInVirtualTime()
    {
        CancellationTokenSource? cancel = null;
        _host.Turn(() => cancel = new CancellationTokenSource(TimeSpan.FromMinutes(1)));
        _host.Turn(() => cancel!.CancelAfter(TimeSpan.FromMinutes(2)));
        _host.Advance(119_999);
        Assert.That(cancel!.IsCancellationRequested, Is.False);
        _host.Advance(1);
        Assert.That(cancel.IsCancellationRequested, Is.True);
        cancel.Dispose();
    }

    [Test]
    public void WaitAsync_WithTimeout_TimesOutInVirtualTime()
    {
        Task? wait = null;
        _host.Turn(() => wait = new TaskCompletionSource().Task.WaitAsync(TimeSpan.FromMinutes(1)));
        _host.Advance(60_000);
        Assert.That(wait!.Exception!.InnerException, Is.InstanceOf<TimeoutException>());
        Assert.That(_host.Scheduled, Is.EqualTo(["Task.WaitAsync 60000"]));
    }

    [Test]
    public void TimerOfTheSystemsTimeProvider_Set_FiresInVirtualTime()
    {
        int calls = 0;
        ITimer? timer = null;
        _host.Turn(() => timer = TimeProvider.System.CreateTimer(_ => calls++, null, TimeSpan.FromMinutes(1), Timeout.InfiniteTimeSpan));
        _host.Advance(60_000);
        Assert.That(calls, Is.EqualTo(1));
        timer!.Dispose();
    }

    [Test]
    public void PeriodicTimer_Awaited_TicksInVirtualTime()
    {
        var ticks = new List<long>();
        var timer = (PeriodicTimer?)null;
        async Task Tick()
        {
            timer = new PeriodicTimer(TimeSpan.FromMinutes(1));
            while (await timer.WaitForNextTickAsync())
                ticks.Add(_host.NowMs);
        }

        Task? loop = null;
        _host.Turn(() => loop = Tick());
        _host.Advance(180_000);
        Assert.That(ticks, Is.EqualTo([60_000, 120_000, 180_000]));
        _host.Turn(() => timer!.Dispose());
        Assert.That(loop!.IsCompletedSuccessfully, Is.True);
        Assert.That(_host.TimersWaiting, Is.Zero);
    }

    [Test]
    public void Timer_SetBeforeTheSimulation_IsTakenWhenATurnChangesIt()
    {
        int calls = 0;
        using var timer = new Timer(_ => calls++, null, TimeSpan.FromHours(1), Timeout.InfiniteTimeSpan);
        _host.Turn(() => timer.Change(1_000, Timeout.Infinite));
        Assert.That(_host.TimersWaiting, Is.EqualTo(1));
        _host.Advance(1_000);
        Assert.That(calls, Is.EqualTo(1));
    }

    [Test]
    public void Timer_KeptFromAnEarlierSimulation_IsTakenAgain()
    {
        int calls = 0;
        Timer? timer = null;
        _host.Turn(() => timer = new Timer(_ => calls++, null, 1_000, 1_000));
        _host.Dispose();

        using var next = new FakeHost();
        next.Turn(() => timer!.Change(5_000, Timeout.Infinite));
        Assert.That(next.TimersWaiting, Is.EqualTo(1));
        next.Advance(5_000);
        Assert.That(calls, Is.EqualTo(1));
        timer!.Dispose();
    }

    [Test]
    public void Timer_SetAgainAfterTheSimulation_FiresInRealTime()
    {
        using var fired = new ManualResetEventSlim();
        Timer? timer = null;
        _host.Turn(() => timer = new Timer(_ => fired.Set(), null, TimeSpan.FromHours(1), Timeout.InfiniteTimeSpan));
        _host.Dispose();

        timer!.Change(1, Timeout.Infinite);
        Assert.That(fired.Wait(TimeSpan.FromSeconds(30)), Is.True);
        timer.Dispose();
    }

    [Test]
    public void Timer_TakenAndFired_IsNotKept()
    {
        var state = new WeakReference(null);
        _host.Turn(() =>
        {
            state.Target = new object();
            _ = new Timer(static _ => { }, state.Target, 1_000, Timeout.Infinite);
        });
        _host.Advance(1_000);
        _host.Turn(static () => _ = Task.Delay(1)); // the host remembers the last timer

        GC.Collect();
        GC.WaitForPendingFinalizers();
        GC.Collect();
        Assert.That(state.IsAlive, Is.False);
    }
}
