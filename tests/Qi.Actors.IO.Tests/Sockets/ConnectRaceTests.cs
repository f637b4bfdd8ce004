using System.Collections.Concurrent;
using System.Net;
using System.Net.Sockets;

namespace Qi.Actors.IO.Tests.Sockets;

/// <summary>Several addresses of one host, tried beside each other: who wins, when the next begins, and what becomes of the others.</summary>
[FixtureLifeCycle(LifeCycle.InstancePerTestCase)]
internal sealed class ConnectRaceTests
{
    private static readonly TimeSpan s_pause = TimeSpan.FromMilliseconds(250);

    private readonly VirtualTimeProvider _time = new();

    [Test]
    public void Interleave_TakesTheFamiliesByTurnsAndThePreferredFirst()
    {
        var addresses = new[] { "::1", "::2", "::3", "1.1.1.1", "2.2.2.2" }.Select(IPAddress.Parse).ToArray();
        Assert.That(
            Addresses.Interleave(addresses, 80).Select(endPoint => endPoint.ToString()),
            Is.EqualTo(new[] { "[::1]:80", "1.1.1.1:80", "[::2]:80", "2.2.2.2:80", "[::3]:80" }));
        Assert.That(Addresses.Interleave([addresses[3], addresses[0]], 1)[0].ToString(), Is.EqualTo("1.1.1.1:1"));
    }

    [Test]
    public async Task Run_WhenTheFirstIsSilent_TriesTheNextAfterThePause()
    {
        var course = new Course(_time);
        var race = course.RunAsync(2);
        Assert.That(course.Begun, Is.EqualTo(1));
        _time.Advance(s_pause - TimeSpan.FromMilliseconds(1));
        Assert.That(course.Begun, Is.EqualTo(1));
        _time.Advance(TimeSpan.FromMilliseconds(1));
        var second = await course.AttemptAsync(1);
        var winner = new Prize();
        second.Result.SetResult(winner);
        Assert.That(await Signal.Within(race), Is.SameAs(winner));
        await Signal.Within((await course.AttemptAsync(0)).Cancelled.Task, "the cancel of the one that lost");
        Assert.That(winner.IsDisposed, Is.False);
    }

    [Test]
    public async Task Run_WhenTheFirstFails_TriesTheNextAtOnce()
    {
        var course = new Course(_time);
        var race = course.RunAsync(2);
        (await course.AttemptAsync(0)).Result.SetException(new IOException("No way."));
        var winner = new Prize();
        (await course.AttemptAsync(1)).Result.SetResult(winner);
        Assert.That(await Signal.Within(race), Is.SameAs(winner));
        Assert.That(_time.Elapsed, Is.EqualTo(TimeSpan.Zero));
    }

    [Test]
    public async Task Run_WhenOneOfTwoFails_TriesTheThirdAtOnceBesideTheOther()
    {
        var course = new Course(_time);
        var race = course.RunAsync(3);
        _time.Advance(s_pause);
        var second = await course.AttemptAsync(1);
        (await course.AttemptAsync(0)).Result.SetException(new IOException("No way."));
        await course.AttemptAsync(2);
        var winner = new Prize();
        second.Result.SetResult(winner);
        Assert.That(await Signal.Within(race), Is.SameAs(winner));
    }

    [Test]
    public async Task Run_WhenALoserConnectsToo_ClosesIt()
    {
        var course = new Course(_time) { IgnoresCancel = true };
        var race = course.RunAsync(2);
        _time.Advance(s_pause);
        var winner = new Prize();
        (await course.AttemptAsync(1)).Result.SetResult(winner);
        await Signal.Within(race);
        var loser = new Prize();
        (await course.AttemptAsync(0)).Result.SetResult(loser);
        await Signal.Within(loser.Disposed.Task, "the loser to be closed");
        Assert.That(winner.IsDisposed, Is.False);
    }

    [Test]
    public async Task Run_WhenAllFail_ThrowsOneExceptionWithAll()
    {
        var course = new Course(_time);
        var race = course.RunAsync(3);
        (await course.AttemptAsync(0)).Result.SetException(new IOException("One."));
        (await course.AttemptAsync(1)).Result.SetException(new TimeoutException("Two."));
        (await course.AttemptAsync(2)).Result.SetException(new SocketException((int)SocketError.TooManyOpenSockets));
        var failure = await Assert.ThrowsAsync<IOException>(() => Signal.Within(race));
        Assert.That(failure!.Message, Does.StartWith("None of 3 addresses of host.test:80 could be connected to: One. Two. "));
        Assert.That(((AggregateException)failure.InnerException!).InnerExceptions, Has.Count.EqualTo(3));
    }

    [Test]
    public async Task Run_WhenAllTakeTooLong_ThrowsATimeoutException([Values(1, 2)] int count)
    {
        var course = new Course(_time);
        var race = course.RunAsync(count);
        for (int i = 0; i < count; i++)
            (await course.AttemptAsync(i)).Result.SetException(new TimeoutException($"{i} is slow."));
        Assert.That(() => Signal.Within(race), Throws.TypeOf<TimeoutException>().With.Message.Contains("0 is slow."));
    }

    [Test]
    public async Task Run_WhenTheOnlyOneFails_ThrowsItsFailure()
    {
        var course = new Course(_time);
        var race = course.RunAsync(1);
        var only = new IOException("Alone.");
        (await course.AttemptAsync(0)).Result.SetException(only);
        Assert.That(() => Signal.Within(race), Throws.Exception.SameAs(only));
    }

    [Test]
    public async Task Run_Cancelled_CancelsAllAttempts()
    {
        using var cancel = new CancellationTokenSource();
        var course = new Course(_time);
        var race = course.RunAsync(3, cancel.Token);
        _time.Advance(s_pause);
        var second = await course.AttemptAsync(1);
        await cancel.CancelAsync();
        var failure = await Assert.CatchAsync<OperationCanceledException>(() => Signal.Within(race));
        Assert.That(failure!.CancellationToken, Is.EqualTo(cancel.Token));
        await Signal.Within(Task.WhenAll((await course.AttemptAsync(0)).Cancelled.Task, second.Cancelled.Task));
        Assert.That(course.Begun, Is.EqualTo(2));
    }

    [Test]
    public async Task Connect_ByName_FindsTheFamilyThatListens()
    {
        await using var system = new TestSystem();
        await using var listener = SocketListener.Bind(system.Actors, TestKit.Wire.AnyPort);
        int port = ((IPEndPoint)listener.LocalEndPoint).Port;
        var names = new NameResolver(system.Actors, new NameResolverOptions { LookUp = (_, _) => [IPAddress.IPv6Loopback, IPAddress.Loopback] });
        await using var connection = await Signal.Within(SocketConnection.ConnectAsync(names, "two.test", port));
        Assert.That(connection.RemoteEndPoint, Is.EqualTo(listener.LocalEndPoint));
        await using var literal = await Signal.Within(SocketConnection.ConnectAsync(system.Actors, "127.0.0.1", port));
        Assert.That(literal.RemoteEndPoint, Is.EqualTo(listener.LocalEndPoint));
    }

    [Test]
    public async Task Connect_ByNameInACoroutine_Works()
    {
        await using var system = new TestSystem();
        await using var listener = SocketListener.Bind(system.Actors, TestKit.Wire.AnyPort);
        int port = ((IPEndPoint)listener.LocalEndPoint).Port;

        async Coroutine<SocketConnection> Connects() => await SocketConnection.ConnectAsync(system.Actors, "localhost", port);

        await using var connection = await Signal.Within(system.Actors.Spawn(Connects).AsTask());
        Assert.That(connection.RemoteEndPoint, Is.EqualTo(listener.LocalEndPoint));
    }

    [Test]
    public async Task Connect_ToAPortThatCannotBe_IsRefusedWithIt([Values(-1, 0, 65_536)] int port)
    {
        await using var system = new TestSystem();
        Assert.That(
            () => SocketConnection.ConnectAsync(system.Actors, "localhost", port),
            Throws.InstanceOf<ArgumentOutOfRangeException>().With.Message.Contains($"localhost has no port {port}"));
        Assert.That(
            () => SocketConnection.ConnectAsync(system.Actors, "localhost", 1, new SocketOptions { NextAddressAfter = TimeSpan.FromMilliseconds(9) }),
            Throws.ArgumentException.With.Message.Contains("10 ms to 2 s"));
    }

    [Test]
    public async Task OwnedResult_OfACancelledCoroutine_IsClosedAndNotHandedOut([Values] bool cancelIsFirst)
    {
        using var coroutine = new CancellationTokenSource();
        var source = Signal.NewSource<Prize>();
        var mayTake = Signal.NewSource();
        var taking = TakeLaterAsync(OwnedResult<Prize>.Of(_ => source.Task, coroutine.Token, CancellationToken.None), mayTake.Task);
        var prize = new Prize();
        if (cancelIsFirst)
            await coroutine.CancelAsync();
        source.SetResult(prize);
        await coroutine.CancelAsync();
        await Signal.Within(prize.Disposed.Task, "the result to be closed");
        mayTake.SetResult();
        Assert.That(() => Signal.Within(taking), Throws.InstanceOf<OperationCanceledException>());
    }

    [Test]
    public async Task OwnedResult_ThatWasTaken_StaysOpenWhenTheCoroutineIsCancelled()
    {
        using var coroutine = new CancellationTokenSource();
        var prize = new Prize();
        Assert.That(await OwnedResult<Prize>.Of(_ => Task.FromResult(prize), coroutine.Token, CancellationToken.None), Is.SameAs(prize));
        await coroutine.CancelAsync();
        Assert.That(prize.IsDisposed, Is.False);
    }

    private static async Task<Prize> TakeLaterAsync(ValueTask<Prize> result, Task mayTake)
    {
        await mayTake;
        return await result;
    }

    private sealed class Prize : IDisposable
    {
        public TaskCompletionSource Disposed { get; } = Signal.NewSource();

        public bool IsDisposed => Disposed.Task.IsCompleted;

        public void Dispose() => Disposed.TrySetResult();
    }

    private sealed record Attempt(TaskCompletionSource<Prize> Result, TaskCompletionSource Cancelled);

    /// <summary>Attempts that end when the test says so.</summary>
    private sealed class Course(VirtualTimeProvider time)
    {
        private readonly ConcurrentDictionary<int, TaskCompletionSource<Attempt>> _attempts = new();

        public int Begun => _attempts.Values.Count(attempt => attempt.Task.IsCompleted);

        public bool IgnoresCancel { get; init; }

        public Task<Prize> RunAsync(int count, CancellationToken cancellationToken = default)
            => new ConnectRace<Prize>(ConnectAsync, s_pause, time).RunAsync(
                [.. Enumerable.Range(0, count).Select(i => new IPEndPoint(IPAddress.Loopback, i))], "host.test:80", cancellationToken);

        public Task<Attempt> AttemptAsync(int number) => Signal.Within(PlaceOf(number).Task, $"attempt {number}");

        private TaskCompletionSource<Attempt> PlaceOf(int number) => _attempts.GetOrAdd(number, static _ => Signal.NewSource<Attempt>());

        private async ValueTask<Prize> ConnectAsync(EndPoint endPoint, CancellationToken cancellationToken)
        {
            var attempt = new Attempt(Signal.NewSource<Prize>(), Signal.NewSource());
            PlaceOf(((IPEndPoint)endPoint).Port).SetResult(attempt);
            await using var registration = cancellationToken.Register(() =>
            {
                attempt.Cancelled.TrySetResult();
                if (!IgnoresCancel)
                    attempt.Result.TrySetCanceled(cancellationToken);
            });
            return await attempt.Result.Task;
        }
    }
}
