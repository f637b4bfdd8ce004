using System.Buffers;
using System.Net;

using Qi.Actors.IO.Tests.TestKit;

namespace Qi.Actors.IO.Tests.Pooling;

/// <summary>Connections that are used again: what is handed out, who waits, and what is closed.</summary>
internal sealed class ConnectionPoolTests
{
    [Test]
    public async Task Rent_AfterACompleteExchange_GetsTheSameConnection()
    {
        await using var place = new Place();
        await using var pool = place.Pool();
        SocketConnection connection;
        await using (var first = await place.RentAsync(pool))
        {
            connection = first.Connection;
            await EchoAsync(connection);
            Assert.That(first.IsReused, Is.False);
            first.Complete();
        }

        await using var second = await place.RentAsync(pool);
        await EchoAsync(second.Connection);
        Assert.Multiple(() =>
        {
            Assert.That(second.Connection, Is.SameAs(connection));
            Assert.That(second.IsReused, Is.True);
            Assert.That(pool.Statistics, Has.Property("Made").EqualTo(1).And.Property("Reused").EqualTo(1).And.Property("Open").EqualTo(1).And.Property("Rented").EqualTo(1));
        });
    }

    [Test]
    public async Task Rent_ByName_LooksItUp()
    {
        await using var place = new Place();
        await using var pool = place.Pool();
        var host = new DnsEndPoint("localhost", ((IPEndPoint)place.EndPoint).Port);
        await using var lease = await Signal.Within(pool.RentAsync(host));
        Assert.That((lease.Connection.RemoteEndPoint, lease.RemoteEndPoint), Is.EqualTo((place.EndPoint, (EndPoint)host)));
    }

    [Test]
    public async Task Dispose_WithoutComplete_ClosesTheConnection()
    {
        await using var place = new Place();
        await using var pool = place.Pool();
        var lease = await place.RentAsync(pool);
        var connection = lease.Connection;
        lease.Dispose();
        lease.Dispose();
        Assert.Multiple(() =>
        {
            Assert.That(connection.Handle.IsClosed, Is.True);
            Assert.That(pool.Statistics.Open, Is.Zero);
            Assert.That(() => lease.Connection, Throws.InstanceOf<ObjectDisposedException>());
        });
    }

    [TestCase("a read in progress")]
    [TestCase("writing ended")]
    [TestCase("bytes left in the pipe")]
    [TestCase("bytes left in the pipe that were looked at")]
    [TestCase("bytes not flushed to the pipe")]
    [TestCase("bytes nobody has read")]
    public async Task Return_OfWhatNobodyElseCanUse_ClosesIt(string state)
    {
        await using var place = new Place();
        await using var pool = place.Pool();
        var lease = await place.RentAsync(pool);
        var connection = lease.Connection;
        Task<int>? read = null;
        switch (state)
        {
            case "a read in progress":
                read = connection.ReadAsync(new byte[1]).AsTask();
                break;
            case "writing ended":
                connection.EndWriting();
                break;
            case "bytes left in the pipe" or "bytes left in the pipe that were looked at":
                await Signal.Within(connection.WriteAsync("ab"u8.ToArray()));
                var pipe = connection.AsPipe();
                var there = await Signal.Within(pipe.Input.ReadAtLeastAsync(2));
                pipe.Input.AdvanceTo(there.Buffer.GetPosition(1), state.EndsWith("looked at", StringComparison.Ordinal) ? there.Buffer.End : there.Buffer.GetPosition(1));
                break;
            case "bytes not flushed to the pipe":
                connection.AsPipe().Output.Write("a"u8);
                break;
            default:
                await Signal.Within(connection.WriteAsync("a"u8.ToArray()));
                await Signal.Within(connection.ReadAsync(Memory<byte>.Empty));
                break;
        }

        lease.Complete();
        lease.Dispose();
        Assert.That((connection.Handle.IsClosed, pool.Statistics.Open), Is.EqualTo((true, 0)));
        if (read is not null)
            Assert.That(() => Signal.Within(read), Throws.InstanceOf<ObjectDisposedException>());
    }

    [Test]
    public async Task Rent_WhenTheIdleOnesAreDead_MakesANewOne()
    {
        await using var place = new Place();
        await using var pool = place.Pool();
        var leases = new[] { await place.RentAsync(pool), await place.RentAsync(pool) };
        var connections = leases.Select(lease => lease.Connection).ToArray();
        foreach (var lease in leases)
        {
            await EchoAsync(lease.Connection);
            lease.Complete();
            lease.Dispose();
        }

        Assert.That(pool.Statistics.Idle, Is.EqualTo(2));
        place.CloseServerSide();
        foreach (var connection in connections)
            await Signal.Within(connection.ReadAsync(Memory<byte>.Empty)); // the end has arrived
        await using var fresh = await place.RentAsync(pool);
        await EchoAsync(fresh.Connection);
        Assert.Multiple(() =>
        {
            Assert.That(fresh.IsReused, Is.False);
            Assert.That(connections.Select(connection => connection.Handle.IsClosed), Has.All.True);
            Assert.That(pool.Statistics, Has.Property("Unhealthy").EqualTo(2).And.Property("Open").EqualTo(1));
        });
    }

    [Test]
    public async Task Rent_WhenThereIsNoRoom_WaitsInOrder()
    {
        await using var place = new Place();
        await using var pool = place.Pool(new ConnectionPoolOptions { MostConnections = 1 });
        var first = await place.RentAsync(pool);
        var second = place.RentAsync(pool);
        var third = place.RentAsync(pool);
        Assert.That(pool.Statistics.Waiting, Is.EqualTo(2));
        var connection = first.Connection;
        first.Complete();
        first.Dispose();
        var granted = await second;
        Assert.That((granted.Connection, third.IsCompleted), Is.EqualTo((connection, false)));
        granted.Dispose(); // closed: the next one gets the place
        await using var last = await third;
        Assert.That((last.IsReused, pool.Statistics.Open, pool.Statistics.Waiting), Is.EqualTo((false, 1, 0)));
    }

    [Test]
    public async Task Rent_ForAnotherEndpointWhenAllAreIdle_ClosesTheOldest([Values] bool isWaiting)
    {
        await using var place = new Place();
        await using var other = new Place();
        await using var pool = place.Pool(new ConnectionPoolOptions { MostConnections = 1 });
        var first = await place.RentAsync(pool);
        var connection = first.Connection;
        first.Complete();
        var wanted = isWaiting ? other.RentAsync(pool) : null;
        first.Dispose();
        await using var second = await (wanted ?? other.RentAsync(pool));
        Assert.Multiple(() =>
        {
            Assert.That(second.Connection.RemoteEndPoint, Is.EqualTo(other.EndPoint));
            Assert.That(connection.Handle.IsClosed, Is.True);
            Assert.That(pool.Statistics.Open, Is.EqualTo(1));
        });
    }

    [Test]
    public async Task Rent_ThatWaitsTooLongOrIsCancelled_LeavesTheLine([Values] bool byToken)
    {
        var time = new VirtualTimeProvider();
        await using var place = new Place(time);
        await using var pool = place.Pool(new ConnectionPoolOptions { MostConnections = 1 });
        using var cancel = new CancellationTokenSource();
        var first = await place.RentAsync(pool);
        var waiting = pool.RentAsync(place.EndPoint, cancel.Token).AsTask();
        if (byToken)
        {
            await cancel.CancelAsync();
            Assert.That(() => Signal.Within(waiting), Throws.InstanceOf<OperationCanceledException>());
        }
        else
        {
            time.Advance(TimeSpan.FromSeconds(30));
            Assert.That(() => Signal.Within(waiting), Throws.InstanceOf<TimeoutException>().With.Message.Contains("1 are in use"));
        }

        Assert.That((pool.Statistics.Waiting, pool.Statistics.TimedOut), Is.EqualTo((0, byToken ? 0 : 1)));
        first.Complete();
        first.Dispose();
        await using var next = await place.RentAsync(pool);
        Assert.That(next.IsReused, Is.True);
    }

    [Test]
    public async Task Rent_WhenConnectingFails_PassesThePlaceOn()
    {
        await using var place = new Place();
        await using var pool = place.Pool(new ConnectionPoolOptions { MostConnections = 1 });
        var nowhere = Wire.Nowhere;
        Assert.That(() => Signal.Within(pool.RentAsync(nowhere)), Throws.InstanceOf<IOException>());
        var first = await place.RentAsync(pool);
        var failing = pool.RentAsync(nowhere).AsTask();
        var next = place.RentAsync(pool);
        first.Dispose();
        Assert.That(() => Signal.Within(failing), Throws.InstanceOf<IOException>());
        await using var lease = await next;
        Assert.That((pool.Statistics.Open, pool.Statistics.Failed), Is.EqualTo((1, 2)));
    }

    [Test]
    public async Task Dispose_ClosesAllAndEndsTheWaits()
    {
        await using var place = new Place();
        var pool = place.Pool(new ConnectionPoolOptions { MostConnections = 2 });
        var idle = await place.RentAsync(pool);
        var rented = await place.RentAsync(pool);
        var connections = new[] { idle.Connection, rented.Connection };
        idle.Complete();
        idle.Dispose();
        await using var other = await place.RentAsync(pool);
        var waiting = place.RentAsync(pool);
        pool.Dispose();
        pool.Dispose();
        Assert.Multiple(() =>
        {
            Assert.That(() => waiting, Throws.InstanceOf<ObjectDisposedException>());
            Assert.That(connections.Select(connection => connection.Handle.IsClosed), Has.All.True);
            Assert.That(() => place.RentAsync(pool), Throws.InstanceOf<ObjectDisposedException>());
        });
        rented.Complete();
        rented.Dispose();
        Assert.That(pool.Statistics, Has.Property("Open").Zero.And.Property("Rented").Zero.And.Property("Idle").Zero);
    }

    [Test]
    public async Task Dispose_WhileConnecting_EndsTheAttempt()
    {
        await using var place = new Place();
        var isConnecting = Signal.NewSource();
        var pool = new ConnectionPool(place.System.Actors, null, async (_, cancellationToken) =>
        {
            isConnecting.SetResult();
            await Task.Delay(Timeout.InfiniteTimeSpan, cancellationToken);
            return null!;
        });
        var rent = place.RentAsync(pool);
        await Signal.Within(isConnecting.Task);
        pool.Dispose();
        Assert.That(() => rent, Throws.InstanceOf<ObjectDisposedException>());
        Assert.That(pool.Statistics.Open, Is.Zero);
    }

    [Test]
    public async Task Misuse_IsRefused()
    {
        await using var system = new TestSystem();
        await using var pool = new ConnectionPool(system.Actors);
        Assert.Multiple(() =>
        {
            Assert.That(() => pool.RentAsync(null!), Throws.ArgumentNullException);
            Assert.That(() => pool.RentAsync(Wire.AnyPort, new CancellationToken(canceled: true)).AsTask(), Throws.InstanceOf<OperationCanceledException>());
            Refuses(new ConnectionPoolOptions { MostConnections = 0 });
            Refuses(new ConnectionPoolOptions { MostIdle = -1 });
            Refuses(new ConnectionPoolOptions { IdleTime = TimeSpan.Zero });
            Refuses(new ConnectionPoolOptions { WaitTimeout = TimeSpan.FromDays(2) });
            Refuses(new ConnectionPoolOptions { Connections = null! });
        });

        void Refuses(ConnectionPoolOptions options) => Assert.That(() => new ConnectionPool(system.Actors, options), Throws.ArgumentException.With.Message.Contains("Allowed: "));
    }

    private static async Task EchoAsync(SocketConnection connection)
    {
        byte[] buffer = new byte[1];
        await Signal.Within(connection.WriteAsync("x"u8.ToArray()));
        Assert.That(await Signal.Within(connection.ReadAsync(buffer)), Is.EqualTo(1));
    }
}
