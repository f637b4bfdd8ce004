using System.Collections.Concurrent;
using System.Net;

using Qi.Actors.IO.Tests.TestKit;
using Qi.Actors.Platform;

namespace Qi.Actors.IO.Tests.Pooling;

/// <summary>Many users, whose connections fail in every way at random: in the end no place and no connection is lost.</summary>
[Category("Stress")]
internal sealed class ConnectionPoolStressTests
{
    private const int Users = 24;
    private const int RentsPerUser = 150;
    private const int MostConnections = 5;

    [Test]
    public async Task Rent_WithRandomFailures_LosesNothing()
    {
        ulong seed = (ulong)TestContext.CurrentContext.Random.NextInt64();
        TestContext.Out.WriteLine($"Seed {seed}");
        await using var system = new TestSystem();
        await using var listener = SocketListener.Bind(system.Actors, Wire.AnyPort);
        await using var second = SocketListener.Bind(system.Actors, OperatingSystem.IsWindows() ? Wire.AnyPort : Wire.NewFile());
        foreach (var place in new[] { listener, second })
            _ = system.Actors.Spawn(() => Wire.ServeEchoAsync(place));
        var made = new ConcurrentBag<SocketConnection>();
        int attempts = 0;
        bool mayFail = true;
        var pool = new ConnectionPool(
            system.Actors,
            new ConnectionPoolOptions { MostConnections = MostConnections, MostIdle = 3, WaitTimeout = Signal.Bound },
            async (remote, cancellationToken) =>
            {
                if (Atomic.Read(ref mayFail) && Atomic.Add(ref attempts, 1) % 7 == 0)
                    throw new IOException("Refused by the test.");
                var connection = await SocketConnection.ConnectAsync(system.Actors, remote, null, cancellationToken);
                made.Add(connection);
                Assert.That(made.Count(one => !one.Handle.IsClosed), Is.AtMost(MostConnections));
                return connection;
            });
        var endPoints = new[] { listener.LocalEndPoint, second.LocalEndPoint };

        await Signal.Within(Task.WhenAll(Enumerable.Range(0, Users).Select(user => Task.Run(() => UseAsync(system.Actors, pool, endPoints, new Rng(seed + (ulong)user))))));

        // What cancelled coroutines have left behind comes back a little later: all places can be had once it has.
        Atomic.Write(ref mayFail, false);
        var leases = await Signal.Within(Task.WhenAll(Enumerable.Range(0, MostConnections).Select(_ => pool.RentAsync(endPoints[0]).AsTask())), "all places");
        var statistics = pool.Statistics;
        Assert.Multiple(() =>
        {
            Assert.That(statistics, Has.Property("Rented").EqualTo(MostConnections).And.Property("Waiting").Zero.And.Property("Open").EqualTo(MostConnections), statistics.ToString());
            Assert.That(made.Where(one => !one.Handle.IsClosed), Is.EquivalentTo(leases.Select(lease => lease.Connection)));
            Assert.That(statistics.Reused, Is.Positive);
        });
        pool.Dispose();
        Assert.That((pool.Statistics.Open, made.Count(one => !one.Handle.IsClosed)), Is.EqualTo((0, 0)));
        TestContext.Out.WriteLine(statistics);
    }

    private static async Task UseAsync(ActorSystem system, ConnectionPool pool, EndPoint[] endPoints, Rng rng)
    {
        for (int round = 0; round < RentsPerUser; round++)
        {
            var remote = endPoints[rng.Below((uint)endPoints.Length)];
            uint way = rng.Below(10);
            try
            {
                if (way == 0)
                    await CancelTokenAsync(pool, remote);
                else if (way == 1)
                    await CancelCoroutineAsync(system, pool, remote);
                else
                    await ExchangeAsync(pool, remote, way);
            }
            catch (Exception e) when (e is IOException or OperationCanceledException)
            {
                // What the test provokes.
            }
        }
    }

    private static async Task ExchangeAsync(ConnectionPool pool, EndPoint remote, uint way)
    {
        await using var lease = await pool.RentAsync(remote);
        byte[] buffer = new byte[8];
        await lease.Connection.WriteAsync(buffer);
        if (way == 2)
            return; // without its answer
        if (way == 3)
            throw new IOException("In the middle.");
        await Wire.ReadAllAsync(lease.Connection, buffer);
        if (way == 4)
            await lease.Connection.WriteAsync(buffer); // an answer will come out of turn
        lease.Complete();
    }

    private static async Task CancelTokenAsync(ConnectionPool pool, EndPoint remote)
    {
        using var cancel = new CancellationTokenSource();
        var rent = pool.RentAsync(remote, cancel.Token).AsTask();
        await cancel.CancelAsync();
        (await rent).Dispose();
    }

    private static async Task CancelCoroutineAsync(ActorSystem system, ConnectionPool pool, EndPoint remote)
    {
        async Coroutine Rents()
        {
            using var lease = await pool.RentAsync(remote);
            await Coroutine.YieldAsync();
        }

        var renting = system.Spawn(Rents);
        await Task.Yield();
        renting.Cancel();
        await renting.AsTask();
    }
}
