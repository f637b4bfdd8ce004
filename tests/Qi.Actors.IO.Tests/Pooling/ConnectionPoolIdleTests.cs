namespace Qi.Actors.IO.Tests.Pooling;

/// <summary>Which idle connections stay, and for how long.</summary>
internal sealed class ConnectionPoolIdleTests
{
    [Test]
    public async Task Idle_ForTooLong_IsClosedAndWhatWasUsedSinceStays()
    {
        var time = new VirtualTimeProvider();
        await using var place = new Place(time);
        await using var pool = place.Pool(new ConnectionPoolOptions { IdleTime = TimeSpan.FromSeconds(10) });
        var old = await place.RentAsync(pool);
        var used = await place.RentAsync(pool);
        var (oldOne, usedOne) = (old.Connection, used.Connection);
        old.Complete();
        old.Dispose();
        time.Advance(TimeSpan.FromSeconds(6));
        used.Complete();
        used.Dispose();
        time.Advance(TimeSpan.FromSeconds(4));
        Assert.That((oldOne.Handle.IsClosed, usedOne.Handle.IsClosed, pool.Statistics.Open, pool.Statistics.Expired), Is.EqualTo((true, false, 1, 1L)));
        time.Advance(TimeSpan.FromSeconds(6));
        Assert.That((usedOne.Handle.IsClosed, pool.Statistics.Open), Is.EqualTo((true, 0)));
    }

    [TestCase(0)]
    [TestCase(1)]
    public async Task Idle_MoreThanAllowed_ClosesTheOldest(int most)
    {
        await using var place = new Place();
        await using var pool = place.Pool(new ConnectionPoolOptions { MostIdle = most });
        var leases = new[] { await place.RentAsync(pool), await place.RentAsync(pool) };
        var connections = leases.Select(lease => lease.Connection).ToArray();
        foreach (var lease in leases)
        {
            lease.Complete();
            lease.Dispose();
        }

        Assert.That(connections.Select(connection => connection.Handle.IsClosed), Is.EqualTo(new[] { true, most == 0 }));
        Assert.That((pool.Statistics.Open, pool.Statistics.Idle), Is.EqualTo((most, most)));
    }
}
