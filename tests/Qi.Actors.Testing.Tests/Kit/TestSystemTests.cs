namespace Qi.Actors.Testing.Tests.Kit;

/// <summary>A world that a test drives by hand.</summary>
internal sealed class TestSystemTests
{
    [Test]
    public void Advance_FiresWhatIsDueOnTheWay_EachAtItsTime()
    {
        using var test = new TestSystem();
        var seen = new List<TimeSpan>();
        var actor = test.System.Spawn<int>(_ => seen.Add(test.Now));
        using var timer = test.System.Schedule(actor, 1, TimeSpan.FromSeconds(1), TimeSpan.FromSeconds(1));

        test.Advance(TimeSpan.FromSeconds(3));

        Assert.That(seen, Is.EqualTo(new[] { TimeSpan.FromSeconds(1), TimeSpan.FromSeconds(2), TimeSpan.FromSeconds(3) }));
        Assert.That(test.Now, Is.EqualTo(TimeSpan.FromSeconds(3)));
        Assert.That(test.Time.GetUtcNow(), Is.EqualTo(new DateTimeOffset(2030, 1, 1, 0, 0, 3, TimeSpan.Zero)));
    }

    [Test]
    public void Advance_WhenNothingIsSet_MovesTheClockAllTheSame()
    {
        using var test = new TestSystem();

        test.Advance(TimeSpan.FromDays(2));

        Assert.That(test.Now, Is.EqualTo(TimeSpan.FromDays(2)));
        Assert.That(() => test.Advance(TimeSpan.FromTicks(-1)), Throws.TypeOf<ArgumentOutOfRangeException>());
    }

    [Test]
    public void RunUntilIdle_RunsWhatIsRunnableAndMovesNoTime()
    {
        using var test = new TestSystem();
        int handled = 0;
        var last = test.System.Spawn<int>(_ => handled++);
        var first = test.System.Spawn<int>(number => last.Tell(number));
        first.Tell(1);
        Assert.That(handled, Is.Zero);

        test.RunUntilIdle();

        Assert.That(handled, Is.EqualTo(1));
        Assert.That(test.Now, Is.EqualTo(TimeSpan.Zero));
    }

    [Test]
    public void Advance_OfASystemThatNeverRests_ComesToAnEnd()
    {
        using var test = new TestSystem();
        ActorRef<int> second = null!;
        var first = test.System.Spawn<int>(number => second.Tell(number));
        second = test.System.Spawn<int>(number => first.Tell(number));
        first.Tell(1);

        test.Advance(TimeSpan.FromMilliseconds(5));

        Assert.That(test.Now, Is.GreaterThanOrEqualTo(TimeSpan.FromMilliseconds(5)).And.LessThan(TimeSpan.FromMilliseconds(10)));
        test.Context.Kill(first);
    }

    [Test]
    public void Wait_ForATask_RunsTheSimulationUntilItHasEnded()
    {
        using var test = new TestSystem();
        var coroutine = test.System.Spawn(async () =>
        {
            await Coroutine.DelayAsync(TimeSpan.FromHours(1));
            return 7;
        });
        var failing = test.System.Spawn<int>(_ => throw new FormatException("planted"));

        Assert.That(test.Wait(coroutine.AsTask()), Is.EqualTo(7));
        Assert.That(test.Now, Is.EqualTo(TimeSpan.FromHours(1)));
        failing.Tell(1);
        Assert.That(() => test.Wait(failing.Completion), Throws.TypeOf<FormatException>());
    }

    [Test]
    public void Wait_ForWhatTheRuntimeHasBegunOutsideOfAnyTurn_ComesBackToTheTest()
    {
        using var test = new TestSystem();
        var bounded = test.System.Spawn<int>(async _ => await Coroutine.DelayAsync(TimeSpan.FromSeconds(1)), options: new ActorOptions { Mailbox = MailboxOptions.Bounded(1) });
        using var beat = test.System.Schedule(test.System.Spawn<int>(_ => { }), 1, TimeSpan.FromMilliseconds(1), TimeSpan.FromMilliseconds(1));
        var writer = bounded.AsChannelWriter();
        for (int i = 0; i < 3; i++)
            test.Wait(writer.WriteAsync(i));
        Assert.That(test.Now, Is.EqualTo(TimeSpan.FromSeconds(1)));
        Assert.That(test.Wait(bounded.SendAsync(4)));
        Assert.That(test.Wait(writer.WaitToWriteAsync()));
        Assert.That(test.Now, Is.EqualTo(TimeSpan.FromSeconds(3)));

        test.Wait(bounded.StopAsync());

        Assert.That(test.Now, Is.EqualTo(TimeSpan.FromSeconds(4)));
    }

    [Test]
    public void Wait_InVain_SaysWhoWaits()
    {
        using var test = new TestSystem();
        var never = new TaskCompletionSource();
        var actor = test.System.Spawn<int>(async _ => await never.Task, "patient");
        actor.Tell(1);

        Assert.That(
            Failing.Message(() => test.Wait(never.Task, TimeSpan.FromSeconds(1))),
            Does.StartWith("The task was expected to end within 00:00:01, but has not. It is 00:00:01 of virtual time.").And.EndsWith("Waiting: /user/patient in an asynchronous handler."));
        Assert.That(
            Assert.Throws<SimulationObstacleException>(() => test.Wait(never.Task))!.Message,
            Does.StartWith("The task has not ended, but nothing is runnable and no timer is set."));
        never.SetResult();
    }

    [Test]
    public void Ask_ReturnsTheReplyOrTimesOut()
    {
        using var test = new TestSystem();
        var doubler = test.System.Spawn<(int Number, ReplyTo<int> Reply)>(question => question.Reply.Tell(question.Number * 2));
        var silent = test.System.Spawn<ReplyTo<int>>(_ => { });

        Assert.That(test.Ask(doubler, (ReplyTo<int> reply) => (21, reply)), Is.EqualTo(42));
        Assert.That(test.Wait(doubler.AskAsync<int>(reply => (4, reply))), Is.EqualTo(8));
        Assert.That(() => test.Ask(silent, (ReplyTo<int> reply) => reply, TimeSpan.FromMinutes(1)), Throws.TypeOf<AskTimeoutException>());
        Assert.That(test.Now, Is.GreaterThanOrEqualTo(TimeSpan.FromMinutes(1)).And.LessThan(TimeSpan.FromMinutes(1.01)));
    }

    [Test]
    public void Run_AsynchronousPiece_RunsInsideOfTheSimulation()
    {
        using var test = new TestSystem();
        var probe = test.CreateProbe<int>();
        test.System.Schedule(probe.Ref, 5, TimeSpan.FromSeconds(1));
        int thread = Environment.CurrentManagedThreadId;

        int got = test.Run(async () =>
        {
            await test.Context.DelayAsync(TimeSpan.FromMilliseconds(500));
            int message = await probe.ExpectAsync();
            Assert.That(Environment.CurrentManagedThreadId, Is.EqualTo(thread));
            return message;
        });

        Assert.That(got, Is.EqualTo(5));
        Assert.That(() => test.Run(() => throw new FormatException("planted")), Throws.TypeOf<FormatException>());
        Assert.That(() => test.Run(() => new TaskCompletionSource().Task), Throws.TypeOf<SimulationObstacleException>());
    }

    [Test]
    public void Expect_InsideOfTheSimulation_SaysWhatToAwait()
    {
        using var test = new TestSystem();
        var probe = test.CreateProbe<int>();

        Assert.That(
            Assert.Throws<InvalidOperationException>(() => test.Run(() => Task.FromResult(probe.Expect())))!.Message,
            Does.StartWith("Expect runs the simulation, and was called inside of it, in a turn of a continuation. Await ExpectAsync there."));
    }

    [Test]
    public void Expect_OutsideOfTheSimulation_AsyncFormEndsBeforeItReturns()
    {
        using var test = new TestSystem();
        var probe = test.CreateProbe<int>();
        probe.Ref.Tell(1);

        var task = probe.ExpectAsync();

        Assert.That(task.IsCompletedSuccessfully);
        Assert.That(probe.ExpectAsync().Exception?.InnerException, Is.TypeOf<ExpectationException>());
    }

    [Test]
    public void AnyCall_OnAnotherThread_NamesBothThreads()
    {
        using var test = new TestSystem();
        var probe = test.CreateProbe<int>();
        string here = Environment.CurrentManagedThreadId.ToString();

        foreach (var call in new Action[] { () => probe.Expect(), () => _ = probe.ExpectAsync(), () => test.RunUntilIdle(), () => test.CreateProbe<int>(), () => test.DeadLetters.Expect<int>() })
        {
            string message = OnThread("stranger", call)!.Message;
            Assert.That(message, Does.StartWith($"This simulation belongs to the thread {here} (").And.Contain("(stranger)").And.Contain("TestSystem.Run(async () => ...)"));
        }
    }

    [Test]
    public void Dispose_OnAnotherThread_IsRefusedAndTheNextSystemClearsUp()
    {
        Exception? refused = null;
        string? second = null;
        OnThread("owner", () =>
        {
            var lost = new TestSystem();
            second = Assert.Throws<InvalidOperationException>(() => new TestSystem())!.Message;
            refused = OnThread("stranger", lost.Dispose);
            using var next = new TestSystem();
            next.CreateProbe<int>().ExpectNone();
        });

        Assert.That(second, Does.StartWith("This thread has a TestSystem that was not disposed: the one that Dispose_OnAnotherThread_IsRefusedAndTheNextSystemClearsUp (TestSystemTests.cs) made."));
        Assert.That(refused, Is.TypeOf<InvalidOperationException>());
    }

    [Test]
    public void Seed_DecidesTheOrder()
    {
        int[] first = Order(3);

        Assert.That(Order(3), Is.EqualTo(first));
        Assert.That(Enumerable.Range(4, 20).Select(seed => string.Join(' ', Order((ulong)seed))).Distinct(StringComparer.Ordinal).Count(), Is.GreaterThan(5));
    }

    [Test]
    public void Probe_UnderFaultsByChance_IsSpared()
    {
        using var test = new TestSystem(new TestSystemOptions
        {
            Simulation = TestSystemOptions.DefaultSimulation with { Faults = new FaultPlan { ThrowRate = 1, KillRate = 1, DelayRate = 1 } },
        });
        var probe = test.CreateProbe<int>();
        var victim = test.System.Spawn<int>(_ => { });
        probe.Ref.Tell(1);
        victim.Tell(1);

        probe.Expect(1, TimeSpan.Zero);
        Assert.That(test.ExpectStopped(victim), Is.TypeOf<SimulatedFaultException>());
    }

    private static int[] Order(ulong seed)
    {
        using var test = new TestSystem(new TestSystemOptions { Seed = seed });
        var probe = test.CreateProbe<int>();
        for (int i = 0; i < 5; i++)
            test.System.Spawn<int>(number => probe.Ref.Tell(number)).Tell(i);
        return [.. probe.ExpectAll(5)];
    }

    private static Exception? OnThread(string name, Action action)
    {
        Exception? thrown = null;
        var thread = new Thread(() =>
        {
            try
            {
                action();
            }
            catch (Exception e)
            {
                thrown = e;
            }
        })
        { Name = name };
        thread.Start();
        thread.Join();
        return thrown;
    }
}
