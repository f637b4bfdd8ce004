using System.Net;
using System.Net.Sockets;
using System.Text;

using Qi.Actors;

using Redis.Server;
using Redis.Tests.TestKit;

namespace Redis.Tests.Server;

internal sealed class RedisServerTests
{
    private string _path = null!;
    private ActorSystem _system = null!;
    private RedisServer _server = null!;

    [SetUp]
    public void Start()
    {
        _path = Path.Combine(Path.GetTempPath(), $"qi-redis-{Guid.NewGuid():N}");
        _system = new ActorSystem(new QiActorsOptions { WorkerThreads = 2 });
        _server = new RedisServer(_system, new IPEndPoint(IPAddress.Loopback, 0), new UnixDomainSocketEndPoint(_path));
    }

    [TearDown]
    public async Task Stop()
    {
        _server.Dispose();
        await _system.DisposeAsync();
        Assert.That(File.Exists(_path), Is.False);
    }

    [Test]
    public async Task Pipeline_InPieces_IsAnsweredInOrder([Values(1, 7, 4096, 100_000)] int piece)
    {
        using var client = await Client.ConnectAsync(_server.EndPoints[0]);
        int count = piece == 1 ? 50 : 2_000;
        byte[] commands = [.. Enumerable.Range(0, count).SelectMany(number => (byte[])[.. Wire.Command("SET", $"k{number}", $"value {number}"), .. Wire.Command("GET", $"k{number}")])];
        string expected = string.Concat(Enumerable.Range(0, count).Select(number => $"+OK\r\n${$"value {number}".Length}\r\nvalue {number}\r\n"));

        var replies = client.ReadAsync(expected.Length);
        for (int start = 0; start < commands.Length; start += piece)
            await client.SendAsync(commands.AsMemory(start, Math.Min(piece, commands.Length - start)));

        Assert.That(await replies, Is.EqualTo(expected));
    }

    [Test]
    public async Task LargeValue_SetOnOneConnection_IsGotOnAnother()
    {
        using var writer = await Client.ConnectAsync(_server.EndPoints[0]);
        using var reader = await Client.ConnectAsync(_server.EndPoints[1]);
        string value = string.Concat(Enumerable.Range(0, 2_000_000).Select(number => (char)('a' + (number * 7 % 26))));

        await writer.SendAsync(Wire.Command("SET", "large", value));
        Assert.That(await writer.ReadAsync(5), Is.EqualTo("+OK\r\n"));

        await reader.ExpectAsync("get large", $"${value.Length}\r\n{value}\r\n");
        await reader.ExpectAsync("ping", "+PONG\r\n");
    }

    [Test]
    public async Task Increments_OfManyConnections_AreAllCounted()
    {
        const int Clients = 20;
        const int Times = 500;
        byte[] commands = [.. Enumerable.Repeat(Wire.Command("INCR", "n"), Times).SelectMany(command => command)];
        var clients = await Task.WhenAll(Enumerable.Range(0, Clients).Select(number => Client.ConnectAsync(_server.EndPoints[number % 2])));

        string[] replies = await Task.WhenAll(clients.Select(async client =>
        {
            await client.SendAsync(commands);
            await client.SayAsync("quit");
            return await client.ReadToEndAsync();
        }));

        var numbers = replies.SelectMany(text => text.Split("\r\n")).Where(reply => reply.StartsWith(':')).Select(reply => int.Parse(reply[1..]));
        Assert.That(numbers, Is.EquivalentTo(Enumerable.Range(1, Clients * Times)));
        foreach (var client in clients)
            client.Dispose();
    }

    // All keys of an MSET are seen, or none: D2 of the database.
    [Test]
    public async Task SetMany_SeenByOthers_IsWhole()
    {
        using var writer = await Client.ConnectAsync(_server.EndPoints[0]);
        using var reader = await Client.ConnectAsync(_server.EndPoints[0]);
        await writer.ExpectAsync("mset a 0 b 0 c 0 d 0", "+OK\r\n");
        string sets = string.Concat(Enumerable.Range(0, 5_000).Select(number => $"mset a {number % 10} b {number % 10} c {number % 10} d {number % 10}\r\n"));
        string gets = string.Concat(Enumerable.Repeat("mget d b c a\r\n", 5_000));

        var written = writer.ReadAsync(5 * 5_000);
        var read = reader.ReadAsync(5_000 * "*4\r\n$1\r\n1\r\n$1\r\n1\r\n$1\r\n1\r\n$1\r\n1\r\n".Length);
        await Task.WhenAll(writer.SendAsync(Encoding.ASCII.GetBytes(sets)), reader.SendAsync(Encoding.ASCII.GetBytes(gets)));

        await written;
        string[] lists = (await read).Split("*4\r\n", StringSplitOptions.RemoveEmptyEntries);
        Assert.That(lists, Has.Length.EqualTo(5_000).And.All.Matches<string>(list => list is not null && list == string.Concat(Enumerable.Repeat(list[..7], 4))));
    }

    [Test]
    public async Task ProtocolError_Sent_IsAnsweredAndCloses()
    {
        using var client = await Client.ConnectAsync(_server.EndPoints[0]);

        await client.SayAsync("ping\r\n*1\r\n$x");

        Assert.That(await client.ReadToEndAsync(), Is.EqualTo("+PONG\r\n-ERR Protocol error: invalid bulk length\r\n"));
    }

    [Test]
    public async Task Key_Expired_IsSweptWithoutBeingAskedFor()
    {
        using var client = await Client.ConnectAsync(_server.EndPoints[0]);
        await client.ExpectAsync("set k v px 1", "+OK\r\n");

        await client.AskUntilAsync("dbsize", ":0\r\n");

        Assert.That(_server.Database.Count().Keys, Is.Zero);
    }

    [Test]
    public async Task Info_Asked_CountsConnectionsAndCommands()
    {
        using (var other = await Client.ConnectAsync(_server.EndPoints[0]))
        {
            await other.ExpectAsync("set k v ex 100", "+OK\r\n");
            await other.SayAsync("quit");
            await other.ReadToEndAsync();
        }

        using var client = await Client.ConnectAsync(_server.EndPoints[0]);
        await client.ExpectAsync("ping", "+PONG\r\n");
        await client.SayAsync("info\r\nquit");
        string info = await client.ReadToEndAsync();

        Assert.That(info, Does.Contain("total_connections_received:2\r\n").And.Contain("total_commands_processed:3\r\n").And.Contain("db0:keys=1,expires=1\r\n"));
    }
}
