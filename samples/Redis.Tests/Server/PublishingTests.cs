using System.Net;

using Qi.Actors;

using Redis.Channels;
using Redis.Server;
using Redis.Tests.TestKit;

namespace Redis.Tests.Server;

internal sealed class PublishingTests
{
    private ActorSystem _system = null!;
    private RedisServer _server = null!;
    private Client _publisher = null!;

    [SetUp]
    public async Task Start()
    {
        _system = new ActorSystem(new QiActorsOptions { WorkerThreads = 2 });
        _server = new RedisServer(_system, new IPEndPoint(IPAddress.Loopback, 0));
        _publisher = await ConnectAsync();
    }

    [TearDown]
    public async Task Stop()
    {
        _publisher.Dispose();
        _server.Dispose();
        await _system.DisposeAsync();
    }

    [Test]
    public async Task Publish_Subscribed_Arrives()
    {
        using var one = await ConnectAsync();
        using var two = await ConnectAsync();
        await one.ExpectAsync("ping\r\nsubscribe a b a", "+PONG\r\n" + Subscribed("a", 1) + Subscribed("b", 2) + Subscribed("a", 2));
        await two.ExpectAsync("subscribe b", Subscribed("b", 1));

        await _publisher.ExpectAsync("publish a first\r\npublish b second\r\npublish c third", ":1\r\n:2\r\n:0\r\n");

        string first = Message("a", "first");
        string second = Message("b", "second");
        Assert.That(await one.ReadAsync((first + second).Length), Is.EqualTo(first + second));
        Assert.That(await two.ReadAsync(second.Length), Is.EqualTo(second));
    }

    [Test]
    public async Task Subscribed_OtherCommands_AreRefusedUntilUnsubscribed()
    {
        using var client = await ConnectAsync();
        await client.ExpectAsync("subscribe a b", Subscribed("a", 1) + Subscribed("b", 2));

        await client.ExpectAsync("ping", "*2\r\n$4\r\npong\r\n$0\r\n\r\n");
        await client.ExpectAsync("ping x", "*2\r\n$4\r\npong\r\n$1\r\nx\r\n");
        await client.ExpectAsync("get k", "-ERR Can't execute 'get': only (P|S)SUBSCRIBE / (P|S)UNSUBSCRIBE / PING / QUIT / RESET are allowed in this context\r\n");
        await client.ExpectAsync("unsubscribe a", Unsubscribed("a", 1));
        await client.ExpectAsync("unsubscribe\r\nping", Unsubscribed("b", 0) + "+PONG\r\n");
        await client.ExpectAsync("set k v\r\nget k", "+OK\r\n$1\r\nv\r\n");
        await client.ExpectAsync("subscribe c", Subscribed("c", 1));
        await _publisher.ExpectAsync("publish a x\r\npublish c y", ":0\r\n:1\r\n");
        Assert.That(await client.ReadAsync(Message("c", "y").Length), Is.EqualTo(Message("c", "y")));
    }

    [Test]
    public async Task Subscriber_Gone_IsForgotten([Values] bool saysSo)
    {
        using (var client = await ConnectAsync())
        {
            await client.ExpectAsync("subscribe a", Subscribed("a", 1));
            if (saysSo)
            {
                await client.SayAsync("quit");
                Assert.That(await client.ReadToEndAsync(), Is.EqualTo("+OK\r\n"));
            }
        }

        await _publisher.AskUntilAsync("publish a x", ":0\r\n");

        Assert.That(_server.Channels.Count, Is.Zero);
    }

    [Test]
    public async Task Subscribers_OfManyPublishers_SeeOneOrder()
    {
        const int Publishers = 4;
        const int Messages = 2_000;
        using var one = await ConnectAsync();
        using var two = await ConnectAsync();
        await one.ExpectAsync("subscribe a", Subscribed("a", 1));
        await two.ExpectAsync("subscribe a", Subscribed("a", 1));
        int total = Publishers * Messages * Message("a", "0000:0").Length;

        var seen = Task.WhenAll(one.ReadAsync(total), two.ReadAsync(total));
        await Task.WhenAll(Enumerable.Range(0, Publishers).Select(async publisher =>
        {
            using var client = await ConnectAsync();
            await client.SendAsync(Enumerable.Range(0, Messages).SelectMany(number => Wire.Command("PUBLISH", "a", $"{number:0000}:{publisher}")).ToArray());
            await client.ReadAsync(Messages * 4);
        }));

        string[] both = await seen;
        Assert.That(both[0], Is.EqualTo(both[1]));
        string[] texts = [.. both[0].Split("\r\n").Where(line => line.Contains(':', StringComparison.Ordinal))];
        for (int publisher = 0; publisher < Publishers; publisher++)
            Assert.That(texts.Where(text => text.EndsWith($":{publisher}", StringComparison.Ordinal)), Is.EqualTo(Enumerable.Range(0, Messages).Select(number => $"{number:0000}:{publisher}")));
    }

    // It reads nothing: what the system's buffers do not take waits in the server, up to a bound, and then it is let go.
    [Test]
    public async Task Subscriber_TooSlow_IsClosedAndOthersAreNot()
    {
        using var slow = await ConnectAsync();
        using var good = await ConnectAsync();
        await slow.ExpectAsync("subscribe a", Subscribed("a", 1));
        await good.ExpectAsync("subscribe a", Subscribed("a", 1));
        string message = new('m', 256 * 1024);
        string frame = Message("a", message);

        int sent = 0;
        string receivers;
        do
        {
            await _publisher.SendAsync(Wire.Command("PUBLISH", "a", message));
            receivers = await _publisher.ReadAsync(4);
            Assert.That(await good.ReadAsync(frame.Length), Is.EqualTo(frame));
            sent++;
        }
        while (receivers == ":2\r\n" && sent < 1000);

        Assert.That(receivers, Is.EqualTo(":1\r\n"));
        Assert.That(sent * (long)message.Length, Is.GreaterThan(Subscriber.MostWaitingBytes));
        Assert.That(await slow.ReadToEndAsync(), Has.Length.LessThan(sent * (long)frame.Length));
    }

    private Task<Client> ConnectAsync() => Client.ConnectAsync(_server.EndPoints[0]);

    private static string Subscribed(string channel, int count) => $"*3\r\n$9\r\nsubscribe\r\n${channel.Length}\r\n{channel}\r\n:{count}\r\n";

    private static string Unsubscribed(string channel, int count) => $"*3\r\n$11\r\nunsubscribe\r\n${channel.Length}\r\n{channel}\r\n:{count}\r\n";

    private static string Message(string channel, string text) => $"*3\r\n$7\r\nmessage\r\n${channel.Length}\r\n{channel}\r\n${text.Length}\r\n{text}\r\n";
}
