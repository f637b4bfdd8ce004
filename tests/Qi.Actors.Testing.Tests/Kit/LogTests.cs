using Microsoft.Extensions.Logging;

namespace Qi.Actors.Testing.Tests.Kit;

/// <summary>Expectations of log messages, and muting them.</summary>
internal sealed class LogTests
{
    private TestSystem _test = null!;
    private ILogger _logger = null!;
    private ActorRef<string> _writer = null!;

    [SetUp]
    public void Begin()
    {
        _test = new TestSystem();
        _logger = _test.Logs.CreateLogger("test");
        _writer = _test.System.Spawn<string>(text => _logger.LogWarning("{Text}", text));
    }

    [TearDown]
    public void End() => _test.Dispose();

    [Test]
    public void Expect_WhatIsLogged_ReturnsEachOnce()
    {
        _writer.Tell("one");
        _test.System.Schedule(_writer, "two", TimeSpan.FromSeconds(1));

        Assert.That(_test.Logs.Expect(LogLevel.Warning).Message, Is.EqualTo("one"));
        Assert.That(_test.Logs.Expect(LogLevel.Warning, "tw"), Has.Property("Time").EqualTo(TimeSpan.FromSeconds(1)).And.Property("Category").EqualTo("test"));
        _test.Logs.AssertNone();
    }

    [Test]
    public void Expect_InVain_ListsWhatWasLogged()
    {
        _writer.Tell("one");

        Assert.That(
            Failing.Message(() => _test.Logs.Expect(LogLevel.Error, "two", TimeSpan.FromSeconds(1))),
            Does.StartWith("Expected a log message of level Error containing \"two\" within 00:00:01, but none was logged. It is 00:00:01 of virtual time.").And.EndsWith("  00:00:00 [Warning] one"));
    }

    [Test]
    public void AssertNone_CountsTheLevelAndAbove()
    {
        _writer.Tell("one");
        _test.RunUntilIdle();

        _test.Logs.AssertNone(LogLevel.Error);
        Assert.That(
            Failing.Message(() => _test.Logs.AssertNone()),
            Does.StartWith("No log message of level Warning or above was expected, but there is one.").And.EndsWith("[Warning] one"));
        Assert.That(_test.Logs.AtLeast(LogLevel.Warning), Has.Count.EqualTo(1));
        Assert.That(_test.Logs.AtLeast(LogLevel.Error), Is.Empty);
    }

    [Test]
    public void ExpectOne_WhatAnActionCauses_IsNotCountedByAssertNone()
    {
        var failing = _test.System.Spawn<int>(_ => throw new FormatException("planted"), "failing");

        var entry = _test.EventFilter.Error("/user/failing failed").ExpectOne(() => failing.Tell(1));

        Assert.That(entry.Exception, Is.TypeOf<FormatException>());
        _test.Logs.AssertNone();
    }

    [Test]
    public void ExpectOne_NoneOrTwo_Fails()
    {
        Assert.That(
            Failing.Message(() => _test.EventFilter.Warning("x").ExpectOne(() => _writer.Tell("y"), TimeSpan.FromSeconds(1))),
            Does.StartWith("Expected a log message of level Warning containing \"x\", once, within 00:00:01, but none was logged. It is 00:00:01").And.Contain("[Warning] y"));
        Assert.That(
            Failing.Message(() => _test.EventFilter.Warning("x").ExpectOne(() =>
            {
                _writer.Tell("x1");
                _writer.Tell("x2");
            })),
            Does.StartWith("Expected a log message of level Warning containing \"x\", once, within 00:00:03, but 2 were logged."));
    }

    [Test]
    public void Expect_Several_WaitsForAllOfThem()
    {
        var entries = _test.EventFilter.Warning().Expect(2, () =>
        {
            _test.System.Schedule(_writer, "one", TimeSpan.FromSeconds(1));
            _test.System.Schedule(_writer, "two", TimeSpan.FromSeconds(2));
        });

        Assert.That(entries.Select(entry => entry.Message), Is.EqualTo(new[] { "one", "two" }));
        Assert.That(_test.Now, Is.EqualTo(TimeSpan.FromSeconds(2)));
        Assert.That(Failing.Message(() => _test.EventFilter.Warning().Expect(2, () => _writer.Tell("x"))), Does.Contain("2 times, within 00:00:03, but one was logged"));
        Assert.That(() => _test.EventFilter.Warning().Expect(0, () => { }), Throws.TypeOf<ArgumentOutOfRangeException>());
    }

    [Test]
    public void ExpectNone_WhenOneIsLogged_Fails()
    {
        _test.EventFilter.Error().ExpectNone(() => _writer.Tell("one"));
        Assert.That(_test.Now, Is.EqualTo(TimeSpan.FromSeconds(3)));

        Assert.That(
            Failing.Message(() => _test.EventFilter.Warning().ExpectNone(() => _writer.Tell("two"))),
            Does.StartWith("Did not expect a log message of level Warning within 00:00:03, but one was logged. It is 00:00:03"));
    }

    [Test]
    public void Exception_OfAType_MatchesDerivedOnesToo()
    {
        var failing = _test.System.Spawn<Exception>(exception => throw exception);

        _test.EventFilter.Exception<ArgumentException>("planted").ExpectOne(() => failing.Tell(new ArgumentNullException(null, "planted")));
    }

    [Test]
    public void ExpectOne_ActionThatThrows_ThrowsThat()
        => Assert.That(() => _test.EventFilter.Error().ExpectOne(() => throw new FormatException("planted")), Throws.TypeOf<FormatException>());

    [Test]
    public void Mute_HidesFromAssertNoneOnly()
    {
        _test.EventFilter.Warning("one").Mute(() =>
        {
            _writer.Tell("one");
            _writer.Tell("two");
        });
        using (_test.EventFilter.Warning().Mute())
        {
            _writer.Tell("three");
            _test.RunUntilIdle();
        }

        _writer.Tell("one");
        _test.RunUntilIdle();

        string message = Failing.Message(() => _test.Logs.AssertNone());
        Assert.That(message, Does.Contain("but there are 2.").And.Contain("[Warning] two").And.EndsWith("[Warning] one"));
        Assert.That(_test.Logs.Entries, Has.Count.EqualTo(4));
    }

    [Test]
    public void Recorder_OfARealSystem_KeepsAndAsserts()
    {
        var time = new VirtualTimeProvider();
        using var recorder = new LogRecorder(time);
        time.Advance(TimeSpan.FromSeconds(1));
        recorder.CreateLogger("real").LogError("broken");

        Assert.That(recorder.Entries.Single().Time, Is.EqualTo(TimeSpan.FromSeconds(1)));
        Assert.That(Failing.Message(() => recorder.AssertNone()), Does.Contain("[Error] broken"));
        Assert.That(() => recorder.Expect(LogLevel.Error), Throws.InvalidOperationException.With.Message.Contains("belongs to no simulation"));
    }
}
