using System.Net;

namespace Qi.Actors.IO.Tests.Sockets;

/// <summary>Internet addresses in the system's form, and the endpoints of those who have sent.</summary>
internal sealed class SendersTests
{
    private static readonly string[] s_addresses = ["127.0.0.1:9", "255.1.2.3:65535", "[::1]:80", "[fe80::1:2:3%7]:4660", "[::ffff:1.2.3.4]:5"];

    [TestCaseSource(nameof(s_addresses))]
    public void Write_AnAddress_IsWhatTheFrameworkWrites(string text)
    {
        var endPoint = IPEndPoint.Parse(text);
        var expected = endPoint.Serialize();

        Assert.That(BytesOf(endPoint), Is.EqualTo(expected.Buffer.Span[..expected.Size].ToArray()));
        Assert.That(InternetAddresses.Read(BytesOf(endPoint)), Is.EqualTo(endPoint));
    }

    [Test]
    public void Write_V4InASocketForBoth_IsMapped()
        => Assert.That(BytesOf(IPEndPoint.Parse("1.2.3.4:5"), isDual: true), Is.EqualTo(BytesOf(IPEndPoint.Parse("[::ffff:1.2.3.4]:5"))));

    [Test]
    public void Write_IntoBytesOfAnother_LeavesNothingOfIt()
    {
        byte[] bytes = new byte[128];
        InternetAddresses.Write(IPEndPoint.Parse("[ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff%9]:65535"), isDual: true, bytes);
        int length = InternetAddresses.Write(IPEndPoint.Parse("1.2.3.4:5"), isDual: true, bytes);

        Assert.That(InternetAddresses.Read(bytes.AsSpan(0, length)), Is.EqualTo(IPEndPoint.Parse("[::ffff:1.2.3.4]:5")));
    }

    [TestCaseSource(nameof(s_addresses))]
    public void Find_OneWhoHasSentBefore_IsTheSameObject(string text)
    {
        var senders = new Senders();
        byte[] bytes = BytesOf(IPEndPoint.Parse(text));
        var first = senders.Find(bytes);

        senders.Find(BytesOf(IPEndPoint.Parse("9.9.9.9:9")));

        Assert.That(first, Is.EqualTo(IPEndPoint.Parse(text)));
        Assert.That(senders.Find(bytes), Is.SameAs(first));
        Assert.That(senders.Find(bytes), Is.SameAs(first), "the last one too");
    }

    [TestCase("1.2.3.4:6")]
    [TestCase("1.2.3.5:5")]
    [TestCase("[::1%1]:5")]
    [TestCase("[::1%2]:5")]
    public void Find_AnotherPartOfTheAddress_IsAnotherSender(string other)
    {
        var senders = new Senders();
        senders.Find(BytesOf(IPEndPoint.Parse("1.2.3.4:5")));
        senders.Find(BytesOf(IPEndPoint.Parse("[::1]:5")));

        Assert.That(senders.Find(BytesOf(IPEndPoint.Parse(other))), Is.EqualTo(IPEndPoint.Parse(other)));
    }

    [Test]
    public void Find_OneWhoseEndPointWasChanged_IsMadeAnew([Values] bool isLast)
    {
        var senders = new Senders();
        var (port, address, scope) = (IPEndPoint.Parse("1.2.3.4:5"), IPEndPoint.Parse("1.2.3.4:6"), IPEndPoint.Parse("[fe80::1]:7"));
        senders.Find(BytesOf(port)).Port = 99;
        senders.Find(BytesOf(address)).Address = IPAddress.Any;
        senders.Find(BytesOf(scope)).Address.ScopeId = 3;
        foreach (var endPoint in (IPEndPoint[])[port, address, scope])
        {
            if (isLast)
                senders.Find(BytesOf(endPoint)).Port = 99;
            Assert.That(senders.Find(BytesOf(endPoint)), Is.EqualTo(endPoint));
        }
    }

    [Test]
    public void Find_EverNewSenders_ForgetsThemAll()
    {
        var senders = new Senders();
        var first = senders.Find(BytesOf(new IPEndPoint(IPAddress.Loopback, 0)));
        for (int port = 1; port < Senders.Most; port++)
            senders.Find(BytesOf(new IPEndPoint(IPAddress.Loopback, port)));
        Assert.That(senders.Find(BytesOf(first)), Is.SameAs(first));

        senders.Find(BytesOf(new IPEndPoint(IPAddress.Loopback, Senders.Most)));

        Assert.That(senders.Find(BytesOf(first)), Is.EqualTo(first).And.Not.SameAs(first));
    }

    private static byte[] BytesOf(IPEndPoint endPoint, bool isDual = false)
    {
        byte[] bytes = new byte[128];
        return bytes[..InternetAddresses.Write(endPoint, isDual, bytes)];
    }
}
