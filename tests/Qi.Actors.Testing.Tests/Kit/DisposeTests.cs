namespace Qi.Actors.Testing.Tests.Kit;

/// <summary>The end of a test system.</summary>
internal sealed class DisposeTests
{
    [Test]
    public void Dispose_DrainsWhatWaits()
    {
        var seen = new List<int>();
        using (var test = new TestSystem())
            test.System.Spawn<int>(seen.Add).Tell(1);

        Assert.That(seen, Is.EqualTo(new[] { 1 }));
    }

    [Test]
    public void Dispose_OfWhoDoesNotEnd_FailsAndNamesThem()
    {
        var failure = Failing.Of(() =>
        {
            using var test = new TestSystem();
            test.System.Spawn<int>(async _ => await new TaskCompletionSource().Task, "endless").Tell(1);
        });

        Assert.That(
            failure.Message,
            Does.StartWith("The system was to stop within 00:01:00, but 1 actors and 0 coroutines were left, with 0 messages.").And.Contain("/user/endless in an asynchronous handler"));
    }

    [Test]
    public void Dispose_OfAFailingTest_LeavesItsFailureAlone()
    {
        Assert.That(
            () =>
            {
                using var test = new TestSystem();
                test.System.Spawn<int>(async _ => await new TaskCompletionSource().Task, "endless").Tell(1);
                throw new FormatException("planted");
            },
            Throws.TypeOf<FormatException>());
        using var next = new TestSystem();
        next.CreateProbe<int>().ExpectNone();
    }

    [Test]
    public void Dispose_AfterAnExpectationFailedAndWasCaught_StillFails()
        => Assert.That(
            Failing.Message(() =>
            {
                using var test = new TestSystem();
                test.System.Spawn<int>(async _ => await new TaskCompletionSource().Task, "endless").Tell(1);
                Failing.Of(() => test.CreateProbe<int>().Expect());
            }),
            Does.Contain("/user/endless"));

    [Test]
    public void Dispose_InsideOfTheSimulation_IsRefused()
    {
        using var test = new TestSystem();

        Assert.That(
            Assert.Throws<InvalidOperationException>(() => test.Run(() =>
            {
                test.Dispose();
                return Task.CompletedTask;
            }))!.Message,
            Does.Contain("Let the test dispose it."));
        test.CreateProbe<int>().ExpectNone();
    }

    [Test]
    public void AnyCall_AfterDispose_IsRefused()
    {
        var test = new TestSystem();
        var probe = test.CreateProbe<int>();
        test.Dispose();
        test.Dispose();

        Assert.That(() => test.RunUntilIdle(), Throws.TypeOf<ObjectDisposedException>().With.Message.Contains("was disposed"));
        Assert.That(() => test.CreateProbe<int>(), Throws.TypeOf<ObjectDisposedException>().With.Message.Contains("was disposed"));
        Assert.That(() => test.Context.JumpClock(TimeSpan.Zero), Throws.TypeOf<ObjectDisposedException>().With.Message.Contains("was disposed"));
        Assert.That(() => probe.Expect(), Throws.TypeOf<ObjectDisposedException>().With.Message.Contains("was disposed"));
        Assert.That(() => test.DeadLetters.Expect<int>(), Throws.TypeOf<ObjectDisposedException>().With.Message.Contains("was disposed"));
    }

    [Test]
    public void Dispose_AfterTheTestWasToldThatTheWorldIsBroken_DoesNotSaySoAgain()
    {
        using var test = new TestSystem();
        var probe = test.CreateProbe<int>();
        test.RunUntilIdle();
        var thread = new Thread(() => probe.Ref.Tell(1)) { Name = "outsider" };
        thread.Start();
        thread.Join();

        Assert.That(
            Assert.Throws<SimulationObstacleException>(() => probe.Expect())!.Message,
            Does.Contain("The thread 'outsider'"));
    }

    [Test]
    public void Dispose_WhenSomebodyOutsideHasSentUnnoticed_SaysSo()
        => Assert.That(
            Assert.Throws<SimulationObstacleException>(() =>
            {
                using var test = new TestSystem();
                var probe = test.CreateProbe<int>();
                test.RunUntilIdle();
                var thread = new Thread(() => probe.Ref.Tell(1)) { Name = "outsider" };
                thread.Start();
                thread.Join();
            })!.Message,
            Does.Contain("The thread 'outsider'"));

    [Test]
    public void TestSystem_LeavesAsyncLocalsOfTheTestAlone()
    {
        var local = new AsyncLocal<string> { Value = "mine" };
        using var test = new TestSystem();
        string? inside = null;

        test.Run(async () =>
        {
            await Task.Yield();
            inside = local.Value;
        });
        test.Advance(TimeSpan.FromSeconds(1));

        Assert.That(inside, Is.EqualTo("mine"));
        Assert.That(local.Value, Is.EqualTo("mine"));
    }
}
