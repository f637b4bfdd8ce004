using Redis.Tests.TestKit;

namespace Redis.Tests.Commands;

internal sealed class ServerCommandTests
{
    private Talk _talk = null!;

    [SetUp]
    public void Begin() => _talk = new Talk();

    [TearDown]
    public void End() => _talk.Dispose();

    [TestCase("ping", "+PONG\r\n")]
    [TestCase("PING hello", "$5\r\nhello\r\n")]
    [TestCase("PiNg a b", "-ERR wrong number of arguments for 'ping' command\r\n")]
    [TestCase("echo hi", "$2\r\nhi\r\n")]
    [TestCase("echo", "-ERR wrong number of arguments for 'echo' command\r\n")]
    [TestCase("hello 3 x", "-ERR unknown command 'hello', with args beginning with: '3' 'x' \r\n")]
    [TestCase("\"a\\nb\"", "-ERR unknown command 'a b', with args beginning with: \r\n")]
    [TestCase("config get save", "*2\r\n$4\r\nsave\r\n$0\r\n\r\n")]
    [TestCase("config get appendonly nothing", "*2\r\n$10\r\nappendonly\r\n$2\r\nno\r\n")]
    [TestCase("command docs", "*0\r\n")]
    [TestCase("command count", ":21\r\n")]
    [TestCase("command info get none", "*2\r\n*6\r\n$3\r\nget\r\n:2\r\n*2\r\n+readonly\r\n+fast\r\n:1\r\n:1\r\n:1\r\n*-1\r\n")]
    [TestCase("info", "$8\r\n# Test\r\n\r\n")]
    [TestCase("publish c m", ":0\r\n")]
    [TestCase("unsubscribe", "*3\r\n$11\r\nunsubscribe\r\n$-1\r\n:0\r\n")]
    [TestCase("unsubscribe c", "*3\r\n$11\r\nunsubscribe\r\n$1\r\nc\r\n:0\r\n")]
    public void Command_Said_IsAnswered(string line, string reply) => Assert.That(_talk.Say(line), Is.EqualTo(reply));

    [Test]
    public void Quit_MoreFollows_IsTheLast()
    {
        Assert.That(_talk.Say("ping", "quit", "ping"), Is.EqualTo("+PONG\r\n+OK\r\n"));
        Assert.That(_talk.Session.IsClosing, Is.True);
    }

    [Test]
    public void ProtocolError_AfterCommands_IsTheLast()
    {
        Assert.That(_talk.Say("ping", "*1", "PING", "ping"), Is.EqualTo("+PONG\r\n-ERR Protocol error: expected '$', got 'P'\r\n"));
        Assert.That(_talk.Session.IsClosing, Is.True);
    }

    [Test]
    public void Execute_LongReplies_StopsToSendThem()
    {
        _talk.Command("set", "k", new string('v', 50_000));
        _talk.Feed("get k\r\nget k\r\nget k\r\n"u8);

        Assert.That(_talk.Execute(), Is.True);
        Assert.That(_talk.TakeReplies(), Has.Length.InRange(100_000, 101_000));
        Assert.That(_talk.Execute(), Is.False);
        Assert.That(_talk.TakeReplies(), Has.Length.InRange(50_000, 51_000));
    }

    [Test]
    public void Execute_GetsAndSets_AllocateNothing()
    {
        byte[] commands = [.. Wire.Command("SET", "key:000000001234", "abc"), .. Wire.Command("GET", "key:000000001234"), .. Wire.Command("INCR", "counter")];
        Round(10);
        long before = GC.GetAllocatedBytesForCurrentThread();

        Round(1000);

        Assert.That(GC.GetAllocatedBytesForCurrentThread() - before, Is.Zero);

        void Round(int times)
        {
            for (int i = 0; i < times; i++)
            {
                _talk.Feed(commands);
                _talk.Execute();
                _talk.Session.Reply.Clear();
            }
        }
    }
}
