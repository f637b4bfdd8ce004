using System.Net;
using System.Net.Sockets;

namespace Qi.Actors.IO.Tests.Pooling;

/// <summary>Endpoints that are changed after something was rented by them.</summary>
internal sealed class ChangedEndPointTests
{
    [TestCase("the one that was asked for")]
    [TestCase("that of the lease")]
    [TestCase("that of the connection")]
    public async Task Return_WhenAnEndpointWasChanged_KeepsTheConnectionForWhereItLeads(string which)
    {
        await using var place = new Place();
        await using var other = new Place();
        await using var pool = place.Pool();
        var server = (IPEndPoint)place.EndPoint;
        var asked = new IPEndPoint(server.Address, server.Port);
        await using (var first = await Signal.Within(pool.RentAsync(asked)))
        {
            var changed = (IPEndPoint)(which switch
            {
                "that of the lease" => first.RemoteEndPoint,
                "that of the connection" => first.Connection.RemoteEndPoint,
                _ => asked,
            });
            changed.Port = ((IPEndPoint)other.EndPoint).Port;
            first.Complete();
        }

        await using var fresh = await other.RentAsync(pool);
        await using var same = await place.RentAsync(pool);
        Assert.That((fresh.IsReused, same.IsReused, same.RemoteEndPoint), Is.EqualTo((false, true, place.EndPoint)));
    }

    [Test]
    public async Task Idle_WhoseEndpointIsChanged_IsClosedInTime([Values] bool isForeign)
    {
        var time = new VirtualTimeProvider();
        await using var place = new Place(time);
        await using var pool = place.Pool(new ConnectionPoolOptions { IdleTime = TimeSpan.FromSeconds(10) });
        var server = (IPEndPoint)place.EndPoint;
        var asked = new IPEndPoint(server.Address, server.Port);
        EndPoint remote = isForeign ? new ForeignEndPoint(asked) : asked;
        await UseAsync(remote);
        asked.Port = 1;
        time.Advance(TimeSpan.FromSeconds(10));
        Assert.That((pool.Statistics.Open, pool.Statistics.Expired), Is.EqualTo((0, 1L)));
        asked.Port = server.Port;
        await UseAsync(remote);
        await UseAsync(remote);
        Assert.That((pool.Statistics.Made, pool.Statistics.Reused), Is.EqualTo((2L, 1L)));

        async Task UseAsync(EndPoint endPoint)
        {
            await using var lease = await Signal.Within(pool.RentAsync(endPoint));
            lease.Complete();
        }
    }

    /// <summary>An endpoint that is not the framework's, and can be changed.</summary>
    private sealed class ForeignEndPoint(IPEndPoint inner) : EndPoint
    {
        public override AddressFamily AddressFamily => inner.AddressFamily;

        public override SocketAddress Serialize() => inner.Serialize();

        public override bool Equals(object? comparand) => comparand is ForeignEndPoint other && other.Serialize().Equals(Serialize());

        public override int GetHashCode() => inner.GetHashCode();
    }
}
