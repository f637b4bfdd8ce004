using System.Buffers;
using System.Collections;
using System.Net.Sockets;

using Qi.Actors.IO.Tests.TestKit;

namespace Qi.Actors.IO.Tests.Sockets;

/// <summary>Reads into and writes from several pieces of memory.</summary>
internal sealed class PiecesTests
{
    [Test]
    public async Task Write_OfPieces_ArrivesAsOne([Values(1, 3, 3000)] int pieces)
    {
        await using var system = new TestSystem();
        var small = new SocketOptions { SendBufferBytes = 8 * 1024 };
        var (client, server) = await Wire.PairAsync(system.Actors, null, small);
        await using var first = client;
        await using var second = server;
        byte[] sent = Wire.Pattern(pieces * 1000);
        var list = Enumerable.Range(0, pieces).Select(i => (ReadOnlyMemory<byte>)sent.AsMemory(i * 1000, 1000)).ToList();
        list.Insert((pieces / 2) + 1, ReadOnlyMemory<byte>.Empty);
        var write = client.WriteAsync(list).AsTask();
        byte[] received = new byte[sent.Length];
        Assert.That(await Signal.Within(Wire.ReadAllAsync(server, received)), Is.EqualTo(sent.Length));
        await Signal.Within(write);
        Assert.That(received.AsSpan().SequenceEqual(sent), Is.True);
        var again = client.WriteAsync(list[..1]).AsTask();
        Assert.That(await Signal.Within(Wire.ReadAllAsync(server, received.AsMemory(0, list[0].Length))), Is.EqualTo(list[0].Length));
        await Signal.Within(again);
    }

    [Test]
    public async Task Write_OfASequence_ArrivesAsOne([Values(1, 4)] int segments)
    {
        await using var system = new TestSystem();
        var (client, server) = await Wire.PairAsync(system.Actors);
        await using var first = client;
        await using var second = server;
        byte[] sent = Wire.Pattern(segments * 500);
        var head = new Segment(sent.AsMemory(0, 500), null);
        var tail = head;
        for (int i = 1; i < segments; i++)
            tail = new Segment(sent.AsMemory(i * 500, 500), tail);
        await Signal.Within(client.WriteAsync(new ReadOnlySequence<byte>(head, 0, tail, 500)));
        byte[] received = new byte[sent.Length];
        await Signal.Within(Wire.ReadAllAsync(server, received));
        Assert.That(received.AsSpan().SequenceEqual(sent), Is.True);
    }

    [Test]
    public async Task Read_IntoPieces_FillsOneAfterTheOther()
    {
        await using var system = new TestSystem();
        var (ours, theirs) = await Wire.PairWithStrangerAsync(system.Actors);
        await using var end = ours;
        using var other = theirs;
        byte[] head = new byte[4];
        byte[] body = new byte[100];
        var read = ours.ReadAsync([head, Memory<byte>.Empty, body]).AsTask();
        theirs.Send(Wire.Pattern(10));
        Assert.That(await Signal.Within(read), Is.EqualTo(10));
        Assert.That(head.Concat(body[..6]), Is.EqualTo(Wire.Pattern(10)));
    }

    [Test]
    public async Task Pieces_OfNothing_AreRefusedOrDoNothing()
    {
        await using var system = new TestSystem();
        var (ours, theirs) = await Wire.PairWithStrangerAsync(system.Actors);
        await using var end = ours;
        using var other = theirs;
        await Signal.Within(ours.WriteAsync(Array.Empty<ReadOnlyMemory<byte>>()));
        await Signal.Within(ours.WriteAsync(ReadOnlyMemory<byte>.Empty));
        await Signal.Within(ours.WriteAsync(ReadOnlySequence<byte>.Empty));
        var wait = ours.ReadAsync(Array.Empty<Memory<byte>>()).AsTask();
        theirs.Send([1]);
        Assert.That(await Signal.Within(wait), Is.Zero);
        ours.Dispose();
        Assert.That(() => Signal.Within(ours.WriteAsync(Array.Empty<ReadOnlyMemory<byte>>())), Throws.InstanceOf<ObjectDisposedException>());
    }

    [Test]
    public async Task Pieces_TooLongTogether_AreRefusedAndTheConnectionGoesOn()
    {
        await using var system = new TestSystem();
        var (ours, theirs) = await Wire.PairWithStrangerAsync(system.Actors);
        await using var end = ours;
        using var other = theirs;
        byte[] large = new byte[1 << 20];
        var pieces = Enumerable.Repeat((ReadOnlyMemory<byte>)large, 2049).ToArray();
        Assert.That(() => ours.WriteAsync(pieces).AsTask(), Throws.ArgumentException.With.Message.Contains("2,148,532,224 bytes"));
        await Signal.Within(ours.WriteAsync(new byte[] { 1 }));
        Assert.That(theirs.Receive(new byte[1]), Is.EqualTo(1));
    }

    [Test]
    public async Task Pieces_OfAListThatChanges_AreThoseOfTheFirstLook([Values(0, 4)] int firstBytes)
    {
        await using var system = new TestSystem();
        var (ours, theirs) = await Wire.PairWithStrangerAsync(system.Actors);
        await using var end = ours;
        using var other = theirs;
        await Signal.Within(ours.WriteAsync([new byte[] { 9 }, new byte[] { 9 }])); // whose pieces are not to be sent again
        other.Receive(new byte[2]);
        byte[] first = Wire.Pattern(firstBytes);
        await Signal.Within(ours.WriteAsync(new ChangingList<ReadOnlyMemory<byte>>(first, Wire.Pattern(4 - firstBytes))));
        await Signal.Within(ours.WriteAsync(new byte[] { 8 }));
        byte[] received = new byte[10];
        var sent = received.AsMemory(0, firstBytes + 1);
        for (int count = 0; count < sent.Length;)
            count += await Signal.Within(other.ReceiveAsync(sent[count..], SocketFlags.None));
        Assert.That(sent.ToArray(), Is.EqualTo(first.Append((byte)8)));
        other.Send([1, 2]);
        byte[] room = new byte[firstBytes];
        Assert.That(await Signal.Within(ours.ReadAsync(new ChangingList<Memory<byte>>(room, new byte[4 - firstBytes]))), Is.EqualTo(Math.Min(firstBytes, 2)));
    }

    /// <summary>A list of one thing, which is another one from the second look on.</summary>
    private sealed class ChangingList<T>(T first, T then) : IReadOnlyList<T>
    {
        private int _looks;

        public int Count => 1;

        public T this[int index] => _looks++ == 0 ? first : then;

        public IEnumerator<T> GetEnumerator() => throw new NotSupportedException();

        IEnumerator IEnumerable.GetEnumerator() => GetEnumerator();
    }

    private sealed class Segment : ReadOnlySequenceSegment<byte>
    {
        public Segment(ReadOnlyMemory<byte> memory, Segment? previous)
        {
            Memory = memory;
            if (previous is null)
                return;
            previous.Next = this;
            RunningIndex = previous.RunningIndex + previous.Memory.Length;
        }
    }
}
