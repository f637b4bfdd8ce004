using Redis.Tests.TestKit;

namespace Redis.Tests.Commands;

internal sealed class KeyCommandTests
{
    private Talk _talk = null!;

    [SetUp]
    public void Begin() => _talk = new Talk();

    [TearDown]
    public void End() => _talk.Dispose();

    [Test]
    public void Delete_SomeThere_CountsThem()
        => Assert.That(_talk.Say("mset a 1 b 2", "exists a a b c", "del a c a", "exists a b"), Is.EqualTo("+OK\r\n:3\r\n:1\r\n:1\r\n"));

    [Test]
    public void Expire_Set_EndsTheKeyInTime()
    {
        Assert.That(_talk.Say("set k v", "ttl k", "expire k 100", "ttl k", "ttl x", "expire x 1"), Is.EqualTo("+OK\r\n:-1\r\n:1\r\n:100\r\n:-2\r\n:0\r\n"));
        _talk.Time.Advance(40_600);
        Assert.That(_talk.Say("ttl k"), Is.EqualTo(":59\r\n"));
        _talk.Time.Advance(59_400);
        Assert.That(_talk.Say("ttl k", "exists k"), Is.EqualTo(":-2\r\n:0\r\n"));
    }

    [TestCase("0")]
    [TestCase("-5")]
    public void Expire_Past_Deletes(string seconds)
        => Assert.That(_talk.Say("set k v", $"expire k {seconds}", "exists k"), Is.EqualTo("+OK\r\n:1\r\n:0\r\n"));

    [TestCase("x", "-ERR value is not an integer or out of range")]
    [TestCase("9223372036854775807", "-ERR invalid expire time in 'expire' command")]
    [TestCase("-9223372036854775808", "-ERR invalid expire time in 'expire' command")]
    public void Expire_Wrong_IsRefused(string seconds, string reply)
        => Assert.That(_talk.Say("set k v", $"expire k {seconds}", "ttl k"), Is.EqualTo($"+OK\r\n{reply}\r\n:-1\r\n"));

    [Test]
    public void Sweep_Expired_AreRemovedAndOthersStay()
    {
        for (int i = 0; i < 10_000; i++)
            _talk.Say($"set key{i} v px {1 + (i % 2 * 1000)}");
        _talk.Say("set stays v");
        _talk.Time.Advance(500);
        Assert.That(_talk.Database.Count(), Is.EqualTo((10_001L, 10_000L)));

        _talk.Database.Sweep();

        Assert.That(_talk.Database.Count(), Is.EqualTo((5_001L, 5_000L)));
    }

    [Test]
    public void FlushAll_Any_LeavesNothing()
    {
        _talk.Say("mset a 1 b 2", "set c 3 ex 10");

        Assert.That(_talk.Say("dbsize", "flushall", "dbsize", "get c", "set c 4", "ttl c"), Is.EqualTo(":3\r\n+OK\r\n:0\r\n$-1\r\n+OK\r\n:-1\r\n"));
        Assert.That(_talk.Database.Count(), Is.EqualTo((1L, 0L)));
    }
}
