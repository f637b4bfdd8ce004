using Redis.Protocol;

namespace Redis.Tests.Protocol;

internal sealed class RequestBufferTests
{
    // What is read is a count of bytes, taken in parts that are prime to what is given.
    [TestCase(1, 1)]
    [TestCase(4096, 97)]
    [TestCase(10_007, 4099)]
    [TestCase(100_003, 70_001)]
    public void Room_FilledAndTaken_KeepsTheBytesInOrder(int given, int taken)
    {
        using var buffer = new RequestBuffer();
        byte next = 0;
        byte expected = 0;
        for (int round = 0; round < 50; round++)
        {
            for (int left = given; left > 0;)
            {
                var room = buffer.Room()!.Value.Span;
                Assert.That(room.Length, Is.GreaterThan(0));
                int count = Math.Min(left, room.Length);
                for (int i = 0; i < count; i++)
                    room[i] = next++;
                buffer.Fill(count);
                left -= count;
            }

            while (buffer.Unread.Length >= taken)
            {
                foreach (byte value in buffer.Unread[..taken])
                {
                    if (value != expected++)
                        Assert.Fail($"In round {round} {value} came for {(byte)(expected - 1)}.");
                }

                buffer.Take(taken);
            }
        }
    }

    [Test]
    public void Room_EmptyAfterALongCommand_GivesItsMemoryBack()
    {
        using var buffer = new RequestBuffer();
        for (int read = 0; read < 10 << 20;)
        {
            int count = buffer.Room()!.Value.Length;
            buffer.Fill(count);
            read += count;
        }

        buffer.Take(buffer.Unread.Length);

        Assert.That(buffer.Room()!.Value.Length, Is.LessThanOrEqualTo(64 * 1024));
    }

    [Test]
    public void Room_SmallReads_StaysSmall()
    {
        using var buffer = new RequestBuffer();
        for (int i = 0; i < 100_000; i++)
        {
            Assert.That(buffer.Room()!.Value.Length, Is.InRange(1000, 4096));
            buffer.Fill(100);
            buffer.Take(buffer.Unread.Length - (i % 50));
        }
    }
}
