using Qi.Actors.IO.Tests.TestKit;

namespace Qi.Actors.IO.Tests.Sockets;

/// <summary>Reads and writes with a deadline, in virtual time.</summary>
internal sealed class DeadlineTests
{
    private static readonly TimeSpan s_timeout = TimeSpan.FromSeconds(5);

    [Test]
    public async Task Read_WhenNothingComes_ThrowsTimeoutWithTheEndpointAndTheTime()
    {
        var time = new VirtualTimeProvider();
        await using var system = new TestSystem(null, time);
        var (ours, theirs) = await Wire.PairWithStrangerAsync(system.Actors);
        await using var end = ours;
        using var other = theirs;
        var read = ours.ReadAsync(new byte[10], s_timeout).AsTask();
        time.Advance(s_timeout);
        Assert.That(
            () => Signal.Within(read),
            Throws.InstanceOf<TimeoutException>().With.Message.StartWith($"Reading from {theirs.LocalEndPoint} was not over after 00:00:05."));
        theirs.Send([3]);
        byte[] buffer = new byte[1];
        await Signal.Within(ours.ReadAsync(buffer, s_timeout));
        Assert.That(buffer[0], Is.EqualTo(3));
    }

    [Test]
    public async Task Read_OfACoroutineWhenNothingComes_ThrowsTimeout()
    {
        var time = new VirtualTimeProvider();
        await using var system = new TestSystem(null, time);
        var (ours, theirs) = await Wire.PairWithStrangerAsync(system.Actors);
        await using var end = ours;
        using var other = theirs;
        var isReading = Signal.NewSource();

        async Coroutine Reads()
        {
            var read = ours.ReadAsync(new byte[10], s_timeout);
            isReading.SetResult();
            await read;
        }

        var reader = system.Actors.Spawn(Reads).AsTask();
        await Signal.Within(isReading.Task);
        time.Advance(s_timeout);
        Assert.That(() => Signal.Within(reader), Throws.InstanceOf<TimeoutException>());
    }

    [Test]
    public async Task Write_WhenThePeerTakesNothing_ThrowsTimeout()
    {
        var time = new VirtualTimeProvider();
        await using var system = new TestSystem(null, time);
        var (ours, theirs) = await Wire.PairWithStrangerAsync(system.Actors);
        await using var end = ours;
        using var other = theirs;
        var write = ours.WriteAsync(new byte[50_000_000], s_timeout).AsTask();
        time.Advance(s_timeout);
        Assert.That(() => Signal.Within(write), Throws.InstanceOf<TimeoutException>().With.Message.StartWith($"Writing to {theirs.LocalEndPoint}"));
    }

    [Test]
    public async Task Deadlines_OneAfterTheOther_EachCountForTheirOwnRead()
    {
        var time = new VirtualTimeProvider();
        await using var system = new TestSystem(null, time);
        var (ours, theirs) = await Wire.PairWithStrangerAsync(system.Actors);
        await using var end = ours;
        using var other = theirs;
        byte[] buffer = new byte[1];

        // Each read begins two seconds after the one before: a deadline that outlived its read would end the third.
        for (int round = 0; round < 10; round++)
        {
            var read = ours.ReadAsync(buffer, s_timeout).AsTask();
            time.Advance(TimeSpan.FromSeconds(2));
            theirs.Send([(byte)round]);
            Assert.That(await Signal.Within(read), Is.EqualTo(1));
            Assert.That(buffer[0], Is.EqualTo(round));
        }

        var longer = ours.ReadAsync(buffer, TimeSpan.FromSeconds(60)).AsTask();
        time.Advance(TimeSpan.FromSeconds(59));
        theirs.Send([1]);
        await Signal.Within(longer);
        var none = ours.ReadAsync(buffer).AsTask();
        time.Advance(TimeSpan.FromDays(1));
        theirs.Send([2]);
        await Signal.Within(none);
        var shorter = ours.ReadAsync(buffer, TimeSpan.FromHours(1)).AsTask();
        theirs.Send([3]);
        await Signal.Within(shorter);
        var shortest = ours.ReadAsync(buffer, TimeSpan.FromMilliseconds(1)).AsTask();
        time.Advance(TimeSpan.FromSeconds(1));
        Assert.That(() => Signal.Within(shortest), Throws.InstanceOf<TimeoutException>());
    }

    [Test]
    public async Task Deadline_AfterTheConnectionIsClosed_LeavesNoTimer()
    {
        var time = new VirtualTimeProvider();
        await using var system = new TestSystem(null, time);
        var (ours, theirs) = await Wire.PairWithStrangerAsync(system.Actors);
        using var other = theirs;
        var read = ours.ReadAsync(new byte[1], TimeSpan.FromDays(1)).AsTask();
        theirs.Send([1]);
        await Signal.Within(read);
        ours.Dispose();

        // The timers of a dispatcher are its own to remove: a turn later it has.
        for (int i = 0; i < 1000 && system.Actors.Statistics.TimersWaiting > 0; i++)
            await Signal.Within(system.Actors.Spawn(static async () => await Coroutine.YieldAsync()).AsTask());
        Assert.That(system.Actors.Statistics.TimersWaiting, Is.Zero);
    }

    [Test]
    public async Task Read_WhoseDeadlineComesWithTheData_LosesNoByte()
    {
        const int Rounds = 2_000;
        var time = new VirtualTimeProvider();
        await using var system = new TestSystem(null, time);
        var (ours, theirs) = await Wire.PairWithStrangerAsync(system.Actors);
        await using var end = ours;
        using var other = theirs;
        using var mayRace = new Barrier(2);
        var rival = Task.Factory.StartNew(
            () =>
            {
                for (int round = 0; round < Rounds; round++)
                {
                    mayRace.SignalAndWait(Signal.Bound);
                    theirs.Send([(byte)round]);
                }
            },
            CancellationToken.None, TaskCreationOptions.LongRunning, TaskScheduler.Default);
        byte[] buffer = new byte[1];
        int late = 0;
        for (int round = 0; round < Rounds; round++)
        {
            var read = ours.ReadAsync(buffer, s_timeout).AsTask();
            mayRace.SignalAndWait(Signal.Bound);
            time.Advance(s_timeout);
            int count;
            try
            {
                count = await Signal.Within(read);
            }
            catch (TimeoutException)
            {
                late++;
                count = await Signal.Within(ours.ReadAsync(buffer));
            }

            Assert.That((count, buffer[0]), Is.EqualTo((1, (byte)round)), $"round {round}");
        }

        await Signal.Within(rival);
        TestContext.Out.WriteLine($"{late} of {Rounds} reads were too late.");
    }

    [Test]
    public async Task Timeout_OfZeroOrLess_IsRefused()
    {
        await using var system = new TestSystem();
        var (ours, theirs) = await Wire.PairWithStrangerAsync(system.Actors);
        await using var end = ours;
        using var other = theirs;
        Assert.Multiple(() =>
        {
            Assert.That(() => ours.ReadAsync(new byte[1], TimeSpan.Zero).AsTask(), Throws.InstanceOf<ArgumentOutOfRangeException>());
            Assert.That(() => ours.WriteAsync(new byte[1], TimeSpan.FromSeconds(-5)).AsTask(), Throws.InstanceOf<ArgumentOutOfRangeException>());
            Assert.That(() => Signal.Within(ours.WriteAsync(new byte[1], Timeout.InfiniteTimeSpan)), Throws.Nothing);
        });
    }
}
