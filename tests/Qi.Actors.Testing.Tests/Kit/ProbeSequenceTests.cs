namespace Qi.Actors.Testing.Tests.Kit;

/// <summary>Expectations of several messages.</summary>
internal sealed class ProbeSequenceTests
{
    private TestSystem _test = null!;
    private TestProbe<int> _probe = null!;

    [SetUp]
    public void Begin()
    {
        _test = new TestSystem();
        _probe = _test.CreateProbe<int>();
    }

    [TearDown]
    public void End() => _test.Dispose();

    [Test]
    public void ExpectAll_ReturnsThemInOrder()
    {
        TellEverySecond(1, 2, 3);

        Assert.That(_probe.ExpectAll(2), Is.EqualTo(new[] { 1, 2 }));
        Assert.That(_test.Now, Is.EqualTo(TimeSpan.FromSeconds(2)));
        Assert.That(_probe.ExpectAll(1), Is.EqualTo(new[] { 3 }));
    }

    [Test]
    public void ExpectAll_WhenFewerCome_SaysHowMany()
    {
        TellEverySecond(1, 2);

        Assert.That(
            Failing.Message(() => _probe.ExpectAll(3, TimeSpan.FromSeconds(10))),
            Does.Contain("expected 3 messages within 00:00:10, but only 2 came.").And.Contain("  00:00:01 1").And.Contain("  00:00:02 2"));
        Assert.That(() => _probe.ExpectAll(0), Throws.TypeOf<ArgumentOutOfRangeException>());
    }

    [Test]
    public void ExpectInOrder_OtherOrder_FailsAtTheFirstThatDiffers()
    {
        TellEverySecond(1, 3, 2);

        Assert.That(
            Failing.Message(() => _probe.ExpectInOrder(1, 2, 3)),
            Does.Contain("expected 2 (message 2 of 3), but the next message was 3"));
        _probe.ExpectInOrder([3, 2], TimeSpan.FromSeconds(1));
    }

    [Test]
    public void ExpectInAnyOrder_TakesEachOnce()
    {
        TellEverySecond(3, 1, 1);
        _probe.ExpectInAnyOrder(1, 3, 1);

        TellEverySecond(1, 1);
        Assert.That(Failing.Message(() => _probe.ExpectInAnyOrder(1, 3)), Does.Contain("expected in any order 3, but the next message was 1"));
        Assert.That(Failing.Message(() => _probe.ExpectInAnyOrder([1, 2], TimeSpan.FromSeconds(1))), Does.Contain("expected in any order 2 within 00:00:01, but nothing came"));
    }

    [Test]
    public void Fish_SkipsTheOthersAndReturnsThem()
    {
        TellEverySecond(1, 2, 3, 4);

        var (found, skipped) = _probe.Fish(number => number == 3, TimeSpan.FromSeconds(3));

        Assert.That(found, Is.EqualTo(3));
        Assert.That(skipped, Is.EqualTo(new[] { 1, 2 }));
        _probe.Expect(4);
    }

    [Test]
    public void Fish_InVain_ListsWhatCame()
    {
        TellEverySecond(1, 2);

        Assert.That(
            Failing.Message(() => _probe.Fish(number => number == 3)),
            Does.Contain("expected an Int32 with number => number == 3 within 00:00:03, but it was not among the 2 that came.").And.Contain("  00:00:02 2"));
    }

    [Test]
    public void Fish_ByType_ReturnsTheTypedMessage()
    {
        var probe = _test.CreateProbe<Letter>();
        probe.Ref.Tell(new Ping(1));
        probe.Ref.Tell(new Pong(2));

        var caught = probe.Fish<Pong>();

        Assert.That(caught.Message.Id, Is.EqualTo(2));
        Assert.That(caught.Skipped, Is.EqualTo(new[] { new Ping(1) }));
    }

    private void TellEverySecond(params int[] numbers)
    {
        for (int i = 0; i < numbers.Length; i++)
            _test.System.Schedule(_probe.Ref, numbers[i], TimeSpan.FromSeconds(i + 1));
    }
}
