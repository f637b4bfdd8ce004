using Redis.Tests.TestKit;

namespace Redis.Tests.Commands;

internal sealed class StringCommandTests
{
    private const string Wrong = "-ERR syntax error\r\n";

    private Talk _talk = null!;

    [SetUp]
    public void Begin() => _talk = new Talk();

    [TearDown]
    public void End() => _talk.Dispose();

    [Test]
    public void Get_NotThere_IsNull() => Assert.That(_talk.Say("get k"), Is.EqualTo("$-1\r\n"));

    [Test]
    public void Set_Any_IsGot([Values(0, 1, 1023, 1024, 1025, 100_000)] int length)
    {
        string value = new('v', length);

        Assert.That(_talk.Command("SET", "k\r\n", value), Is.EqualTo("+OK\r\n"));
        Assert.That(_talk.Command("GET", "k\r\n"), Is.EqualTo($"${length}\r\n{value}\r\n"));
    }

    [Test]
    public void Set_Again_HasTheLastValue()
    {
        int[] lengths = [3, 2, 0, 5, 2000, 1999, 2000, 7, 1024, 1, 600];
        foreach (int length in lengths)
        {
            string value = new((char)('a' + (length % 26)), length);
            _talk.Command("set", "k", value);
            Assert.That(_talk.Say("get k"), Is.EqualTo($"${length}\r\n{value}\r\n"));
        }
    }

    [TestCase("set k v nx", "+OK", "v")]
    [TestCase("set k v xx", "$-1", null)]
    public void Set_OnCondition_KeyIsNotThere(string line, string reply, string? value)
    {
        Assert.That(_talk.Say(line), Is.EqualTo(reply + "\r\n"));
        Assert.That(_talk.Say("get k"), Is.EqualTo(value is null ? "$-1\r\n" : $"$1\r\n{value}\r\n"));
    }

    [TestCase("set k v NX", "$-1", "o")]
    [TestCase("set k v XX", "+OK", "v")]
    public void Set_OnCondition_KeyIsThere(string line, string reply, string value)
    {
        _talk.Say("set k o");

        Assert.That(_talk.Say(line), Is.EqualTo(reply + "\r\n"));
        Assert.That(_talk.Say("get k"), Is.EqualTo($"$1\r\n{value}\r\n"));
    }

    [TestCase("set k v ex 2", 2000)]
    [TestCase("set k v PX 1500", 1500)]
    [TestCase("set k v px 1500 nx", 1500)]
    public void Set_WithTime_LivesSoLong(string line, int milliseconds)
    {
        Assert.That(_talk.Say(line), Is.EqualTo("+OK\r\n"));
        _talk.Time.Advance(milliseconds - 1);
        Assert.That(_talk.Say("get k"), Is.EqualTo("$1\r\nv\r\n"));
        _talk.Time.Advance(1);
        Assert.That(_talk.Say("get k", "dbsize"), Is.EqualTo("$-1\r\n:0\r\n"));
    }

    [Test]
    public void Set_WithoutTime_TakesTheDeadlineAway()
    {
        _talk.Say("set k v ex 1", "set k w");

        Assert.That(_talk.Say("ttl k"), Is.EqualTo(":-1\r\n"));
    }

    [TestCase("set k v nx xx", Wrong)]
    [TestCase("set k v ex", Wrong)]
    [TestCase("set k v ex 1 px 1", Wrong)]
    [TestCase("set k v foo", Wrong)]
    [TestCase("set k v ex x", "-ERR value is not an integer or out of range\r\n")]
    [TestCase("set k v ex 0", "-ERR invalid expire time in 'set' command\r\n")]
    [TestCase("set k v px -1", "-ERR invalid expire time in 'set' command\r\n")]
    [TestCase("set k v ex 9223372036854775807", "-ERR invalid expire time in 'set' command\r\n")]
    [TestCase("set k", "-ERR wrong number of arguments for 'set' command\r\n")]
    public void Set_Wrong_IsRefused(string line, string reply)
    {
        Assert.That(_talk.Say(line), Is.EqualTo(reply));
        Assert.That(_talk.Say("dbsize"), Is.EqualTo(":0\r\n"));
    }

    [Test]
    public void Increment_Any_Adds()
    {
        Assert.That(_talk.Say("incr n", "incr n", "incrby n 40", "incrby n -50", "get n"), Is.EqualTo(":1\r\n:2\r\n:42\r\n:-8\r\n$2\r\n-8\r\n"));
    }

    [Test]
    public void Increment_KeyWithDeadline_KeepsIt()
    {
        _talk.Say("set n 5 ex 10", "incr n");

        Assert.That(_talk.Say("ttl n"), Is.EqualTo(":10\r\n"));
    }

    [TestCase("9223372036854775807", "incr n", "-ERR increment or decrement would overflow")]
    [TestCase("-9223372036854775808", "incrby n -1", "-ERR increment or decrement would overflow")]
    [TestCase("ten", "incr n", "-ERR value is not an integer or out of range")]
    [TestCase("1", "incrby n 1.5", "-ERR value is not an integer or out of range")]
    public void Increment_Impossible_ChangesNothing(string before, string line, string reply)
    {
        _talk.Say($"set n {before}");

        Assert.That(_talk.Say(line), Is.EqualTo(reply + "\r\n"));
        Assert.That(_talk.Say("get n"), Is.EqualTo($"${before.Length}\r\n{before}\r\n"));
    }

    [Test]
    public void Many_SetAndGet_InOrder()
    {
        Assert.That(_talk.Say("mset a 1 b 2 a 3"), Is.EqualTo("+OK\r\n"));
        Assert.That(_talk.Say("mget b c a"), Is.EqualTo("*3\r\n$1\r\n2\r\n$-1\r\n$1\r\n3\r\n"));
        Assert.That(_talk.Say("mset a 1 b"), Is.EqualTo("-ERR wrong number of arguments for 'mset' command\r\n"));
    }
}
