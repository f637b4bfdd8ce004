using Qi.Actors.Load.Contenders;

namespace Qi.Actors.Load.Tests.Contenders;

internal sealed class ProtocolTests
{
    [Test]
    public void ReadHello_OfAPeer_HasWhatItSaid()
    {
        var hello = Protocol.ReadHello("""{"peer":"Tokio","version":"1.24.2","threads":2,"workloads":["spawn","tell"]}""");

        Assert.That((hello.Peer, hello.Version, hello.Threads), Is.EqualTo(("Tokio", "1.24.2", 2)));
        Assert.That(hello.Workloads, Is.EqualTo(new[] { "spawn", "tell" }));
    }

    [TestCase("")]
    [TestCase("null")]
    [TestCase("hello")]
    [TestCase("""{"version":"1"}""")]
    [TestCase("""{"peer":"Go","workloads":"tell"}""")]
    public void ReadHello_OfSomethingElse_IsRefused(string line)
        => Assert.That(() => Protocol.ReadHello(line), Throws.TypeOf<FormatException>());

    [Test]
    public void ReadReply_OptionalMembers_AreThereIfGiven()
    {
        var plain = Protocol.ReadReply("""{"ns":123456,"result":1000000,"cpuNs":240000}""");
        var full = Protocol.ReadReply("""{"ns":1,"result":2,"cpuNs":3,"bytesPerUnit":354.1,"allocatedBytes":4,"p50Ns":5,"p99Ns":6.5,"p999Ns":7,"stealSuccess":0.93}""");

        Assert.That(plain, Is.EqualTo(new Reply { Ns = 123456, Result = 1000000, CpuNs = 240000 }));
        Assert.That(full, Is.EqualTo(new Reply
        {
            Ns = 1, Result = 2, CpuNs = 3, BytesPerUnit = 354.1, AllocatedBytes = 4, P50Ns = 5, P99Ns = 6.5, P999Ns = 7, StealSuccess = 0.93,
        }));
    }

    [Test]
    public void ReadReply_Error_NeedsNoTime()
        => Assert.That(Protocol.ReadReply("""{"error":"why"}""").Error, Is.EqualTo("why"));

    [TestCase("{}")]
    [TestCase("""{"ns":0,"result":1}""")]
    [TestCase("""{"ns":"fast"}""")]
    [TestCase("thread 'main' panicked")]
    public void ReadReply_OfSomethingElse_IsRefused(string line)
        => Assert.That(() => Protocol.ReadReply(line), Throws.TypeOf<FormatException>().With.Message.Contains(line));

    [Test]
    public void Write_ThenRead_GivesTheSame()
    {
        var reply = new Reply { Ns = 10, Result = 20, CpuNs = 30, P50Ns = 0.5 };
        string line = Protocol.Write(reply);

        Assert.That(line, Does.Not.Contain("\n").And.Not.Contain("error"));
        Assert.That(Protocol.ReadReply(line), Is.EqualTo(reply));
        Assert.That(Protocol.Write(new Reply { Error = "why" }), Is.EqualTo("""{"error":"why"}"""));
        Assert.That(Protocol.ReadRequest(new Request("tell", 5).ToString()), Is.EqualTo(new Request("tell", 5)));
    }

    [TestCase("")]
    [TestCase("run tell")]
    [TestCase("run tell many")]
    [TestCase("run tell 0")]
    [TestCase("go tell 5")]
    public void ReadRequest_OfSomethingElse_IsRefused(string line)
        => Assert.That(() => Protocol.ReadRequest(line), Throws.TypeOf<FormatException>());
}
