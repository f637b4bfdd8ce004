namespace Qi.Actors.Testing.Tests.Kit;

/// <summary>Expectations of dead letters.</summary>
internal sealed class DeadLetterTests
{
    [Test]
    public void Expect_WhatWasSentToAStoppedActor_ReturnsIt()
    {
        using var test = new TestSystem();
        var actor = test.System.Spawn<int>(_ => { }, "gone");
        test.DeadLetters.AssertNone();
        actor.Complete();
        test.ExpectStopped(actor);
        actor.Tell(1);
        actor.Tell(2);

        var letter = test.DeadLetters.Expect<int>(number => number == 2, DeadLetterReason.Stopped);

        Assert.That(letter, Is.EqualTo(new DeadLetter(actor.Path, 2, DeadLetterReason.Stopped)));
        Assert.That(test.DeadLetters.Expect<int>().Message, Is.EqualTo(1));
        Assert.That(test.DeadLetters.All, Has.Count.EqualTo(2));
        test.DeadLetters.AssertNone();
    }

    [Test]
    public void Expect_WhatComesLater_LetsVirtualTimePass()
    {
        using var test = new TestSystem();
        var asked = test.System.Spawn<ReplyTo<string>>(async reply =>
        {
            await Coroutine.DelayAsync(TimeSpan.FromSeconds(2));
            reply.Tell("late");
        });

        Assert.That(() => test.Ask(asked, (ReplyTo<string> reply) => reply, TimeSpan.FromSeconds(1)), Throws.TypeOf<AskTimeoutException>());
        test.DeadLetters.Expect<string>(DeadLetterReason.LateReply);

        Assert.That(test.Now, Is.EqualTo(TimeSpan.FromSeconds(2)).Within(TimeSpan.FromMilliseconds(1)));
    }

    [Test]
    public void Expect_InVain_ListsTheOthers()
    {
        using var test = new TestSystem();
        var actor = test.System.Spawn<int>(_ => { }, "gone");
        actor.Complete();
        test.ExpectStopped(actor);
        actor.Tell(1);

        Assert.That(
            Failing.Message(() => test.DeadLetters.Expect<string>(DeadLetterReason.LateReply, TimeSpan.FromSeconds(1))),
            Does.StartWith("Expected a String to become a dead letter (LateReply) within 00:00:01, but none did. It is 00:00:01 of virtual time.").And.EndsWith("  00:00:00 /user/gone Stopped: 1"));
        Assert.That(Failing.Message(() => test.DeadLetters.Expect<int>(number => number > 5)), Does.StartWith("Expected an Int32 with number => number > 5 to become"));
    }

    [Test]
    public void AssertNone_WhenThereAreSome_ListsThem()
    {
        using var test = new TestSystem();
        var actor = test.System.Spawn<int>(_ => { }, "gone");
        actor.Complete();
        test.ExpectStopped(actor);
        actor.Tell(1);
        actor.Tell(2);

        Assert.That(
            Failing.Message(test.DeadLetters.AssertNone),
            Does.StartWith("No dead letter was expected, but there are 2. It is 00:00:00 of virtual time.").And.Contain("/user/gone Stopped: 1"));
    }
}
