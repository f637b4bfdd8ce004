namespace Qi.Actors.Testing.Tests.Kit;

/// <summary>Expectations of one message, passing and failing.</summary>
internal sealed class ProbeTests
{
    private TestSystem _test = null!;
    private TestProbe<Letter> _probe = null!;

    [SetUp]
    public void Begin()
    {
        _test = new TestSystem();
        _probe = _test.CreateProbe<Letter>();
    }

    [TearDown]
    public void End() => _test.Dispose();

    [Test]
    public void Expect_WhatWasSent_ReturnsItInOrder()
    {
        _probe.Ref.Tell(new Ping(1));
        _probe.Ref.Tell(new Pong(2));

        Assert.That(_probe.Received, Is.Empty, "Nothing runs outside of the kit's calls.");
        Assert.That(_probe.Expect(), Is.EqualTo(new Ping(1)));
        Assert.That(_probe.Expect<Pong>().Id, Is.EqualTo(2));
    }

    [Test]
    public void Expect_WhatComesLater_LetsVirtualTimePass()
    {
        _test.System.Schedule(_probe.Ref, new Ping(1), TimeSpan.FromSeconds(2));

        _probe.Expect(new Ping(1));

        Assert.That(_test.Now, Is.EqualTo(TimeSpan.FromSeconds(2)));
        Assert.That(_probe.Received.Single(), Is.EqualTo(new ReceivedMessage<Letter>(TimeSpan.FromSeconds(2), new Ping(1))));
    }

    [Test]
    public void Expect_WhatComesExactlyInTime_Passes([Values(1u, 2u, 3u, 4u, 5u, 6u)] uint seed)
    {
        _test.Dispose();
        _test = new TestSystem(new TestSystemOptions { Seed = seed });
        var probe = _test.CreateProbe<Letter>();
        var relay = _test.System.Spawn<Letter>(letter => probe.Ref.Tell(letter));
        _test.System.Schedule(relay, new Ping(1), TimeSpan.FromSeconds(1));

        probe.Expect(new Ping(1), TimeSpan.FromSeconds(1));
    }

    [Test]
    public void Expect_WhenNothingComes_SaysWhatWasExpectedAndWhatTimeItIs()
    {
        var failure = Failing.Of(() => _probe.Expect<Pong>(TimeSpan.FromHours(5)));

        Assert.That(failure.Message, Is.EqualTo("Probe /user/probe-1 expected a Pong within 05:00:00, but nothing came. It is 05:00:00 of virtual time."
            + " Nothing is runnable and no timer is set: waiting longer would not help."));
        Assert.That(failure.Time, Is.EqualTo(TimeSpan.FromHours(5)).And.EqualTo(_test.Now));
    }

    [Test]
    public void Expect_WhenItComesTooLate_DoesNotSayThatWaitingWouldNotHelp()
    {
        _test.System.Schedule(_probe.Ref, new Ping(1), TimeSpan.FromSeconds(4));

        Assert.That(Failing.Message(() => _probe.Expect()), Does.EndWith("expected a Letter within 00:00:03, but nothing came. It is 00:00:03 of virtual time."));
        _probe.Expect(new Ping(1));
    }

    [Test]
    public void Expect_AnotherMessage_FailsAndListsWhatCame()
    {
        for (int i = 1; i <= 13; i++)
            _probe.Ref.Tell(new Ping(i));
        _test.RunUntilIdle();

        string message = Failing.Message(() => _probe.Expect<Pong>(pong => pong.Id == 7));

        Assert.That(message, Does.Contain("expected a Pong with pong => pong.Id == 7, but the next message was Ping { Id = 1 }. It is 00:00:00 of virtual time."));
        string[] lines = message.Split(Environment.NewLine);
        Assert.That(lines, Has.Length.EqualTo(13));
        Assert.That(lines[1], Is.EqualTo("Not expected so far, the oldest first:"));
        Assert.That(lines[2], Is.EqualTo("  00:00:00 Ping { Id = 1 }"));
        Assert.That(lines[11], Is.EqualTo("  00:00:00 Ping { Id = 10 }"));
        Assert.That(lines[12], Is.EqualTo("  and 3 more"));
    }

    [Test]
    public void Expect_ByValueAndByCondition_ChecksTheNextMessage()
    {
        _probe.Ref.Tell(new Ping(1));
        _probe.Ref.Tell(new Ping(2));

        Assert.That(Failing.Message(() => _probe.Expect(new Ping(5))), Does.Contain("expected Ping { Id = 5 }, but the next message was Ping { Id = 1 }"));
        Assert.That(Failing.Message(() => _probe.Expect(letter => letter is Pong)), Does.Contain("expected a Letter with letter => letter is Pong, but"));
        Assert.That(_probe.Expect(letter => letter is Ping), Is.EqualTo(new Ping(1)));
        Assert.That(_probe.Expect<Ping>(ping => ping.Id == 2).Id, Is.EqualTo(2));
    }

    [Test]
    public void Expect_Null_IsAMessageToo()
    {
        var probe = _test.CreateProbe<string?>();
        probe.Ref.Tell(null);
        probe.Ref.Tell("x");

        Assert.That(probe.Expect(), Is.Null);
        Assert.That(Failing.Message(() => probe.Expect((string?)null, TimeSpan.Zero)), Does.Contain("expected null, but the next message was \"x\""));
    }

    [Test]
    public void ExpectNone_WhenNothingComes_MovesTheClock()
    {
        _test.System.Schedule(_probe.Ref, new Ping(1), TimeSpan.FromSeconds(1));

        _probe.ExpectNone(TimeSpan.FromSeconds(1));

        Assert.That(_test.Now, Is.EqualTo(TimeSpan.FromSeconds(1)));
        _probe.Expect(new Ping(1), TimeSpan.Zero);
    }

    [Test]
    public void ExpectNone_WhenOneComes_FailsAtOnce()
    {
        _test.System.Schedule(_probe.Ref, new Ping(1), TimeSpan.FromSeconds(1));

        string message = Failing.Message(() => _probe.ExpectNone());

        Assert.That(message, Does.Contain("expected no message within 00:00:03, but was sent one. It is 00:00:01 of virtual time.").And.Contain("  00:00:01 Ping { Id = 1 }"));
    }

    [Test]
    public void ExpectNone_ForNoTime_RunsWhatIsRunnable()
    {
        var relay = _test.System.Spawn<Letter>(letter => _probe.Ref.Tell(letter));
        _probe.ExpectNone(TimeSpan.Zero);
        relay.Tell(new Ping(1));

        Assert.That(() => _probe.ExpectNone(TimeSpan.Zero), Throws.TypeOf<ExpectationException>());
        Assert.That(_test.Now, Is.EqualTo(TimeSpan.Zero));
    }

    [Test]
    public void Ignore_Messages_NeitherKeepsNorExpectsThem()
    {
        _probe.Ignore<Ping>();
        _probe.Ignore(letter => letter is Pong { Id: > 5 });
        foreach (int id in new[] { 1, 9 })
        {
            _probe.Ref.Tell(new Ping(id));
            _probe.Ref.Tell(new Pong(id));
        }

        _probe.Expect(new Pong(1));
        _probe.ExpectNone();
        Assert.That(_probe.IgnoredCount, Is.EqualTo(3));

        _probe.IgnoreNothing();
        _probe.Ref.Tell(new Ping(2));
        _probe.Expect(new Ping(2));
    }

    [Test]
    public void Clear_TakesWhatHasCome()
    {
        _probe.Ref.Tell(new Ping(1));
        _test.RunUntilIdle();
        Assert.That(_probe.Unread, Is.EqualTo(new[] { new Ping(1) }));

        _probe.Clear();

        Assert.That(_probe.Unread, Is.Empty);
        _probe.ExpectNone();
        Assert.That(_probe.Received, Has.Count.EqualTo(1));
    }

    [Test]
    public void ExpectStopped_TellsHowTheActorEnded()
    {
        var well = _test.System.Spawn<int>(_ => { }, "well");
        var badly = _test.System.Spawn<int>(_ => throw new FormatException("planted"), "badly");
        Assert.That(Failing.Message(() => _probe.ExpectStopped(well)), Does.StartWith("/user/well was expected to stop within 00:00:03, but it lives. It is 00:00:03 of virtual time."));

        well.Complete();
        badly.Tell(1);

        Assert.That(_probe.ExpectStopped(well), Is.Null);
        Assert.That(_test.ExpectStopped(badly), Is.TypeOf<FormatException>());
    }

    [Test]
    public void Answer_Question_RepliesAndKeepsTheQuestion()
    {
        _probe.Answer<Question, int>(question => question.Reply, question => question.Text.Length);

        Assert.That(_test.Ask(_probe.Ref, (ReplyTo<int> reply) => new Question("four", reply)), Is.EqualTo(4));
        Assert.That(_probe.Expect<Question>().Text, Is.EqualTo("four"));
    }

    [Test]
    public void Answer_ThatThrows_FailsTheAsk()
    {
        _probe.Answer<Question, int>(question => question.Reply, _ => throw new FormatException("planted"));

        Assert.That(() => _test.Ask(_probe.Ref, (ReplyTo<int> reply) => new Question("", reply)), Throws.TypeOf<FormatException>());
    }

    [Test]
    public void WhenReceived_CallsItInTheProbesTurn()
    {
        var other = _test.CreateProbe<int>("other");
        _probe.WhenReceived<Ping>(ping => other.Ref.Tell(ping.Id));
        _probe.Ref.Tell(new Pong(1));
        _probe.Ref.Tell(new Ping(2));

        other.Expect(2);
        other.ExpectNone();
    }

    [Test]
    public void WhenReceived_ThatThrows_FailsTheTest()
    {
        _probe.WhenReceived(_ => throw new FormatException("planted"));
        _probe.Ref.Tell(new Ping(1));

        var failure = Failing.Of(() => _test.RunUntilIdle());

        Assert.That(failure.Message, Does.Contain("Probe /user/probe-1 was to react to Ping { Id = 1 }").And.Contain("FormatException: planted"));
        Assert.That(failure.InnerException, Is.TypeOf<FormatException>());
    }
}
