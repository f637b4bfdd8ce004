using System.Buffers;
using System.Text;

using Qi.Actors.IO.Tests.TestKit;

namespace Qi.Actors.IO.Tests.Sockets;

/// <summary>A connection as a stream and as pipes.</summary>
internal sealed class StreamTests
{
    [Test]
    public async Task Stream_OfReadersAndWriters_TransfersText()
    {
        await using var system = new TestSystem();
        var (client, server) = await Wire.PairAsync(system.Actors);
        await using var writer = new StreamWriter(client.AsStream());
        using var reader = new StreamReader(server.AsStream());
        await Signal.Within(writer.WriteLineAsync("first"));
        await Signal.Within(writer.WriteLineAsync("second"));
        await Signal.Within(writer.FlushAsync());
        string[] lines = [(await Signal.Within(reader.ReadLineAsync()))!, (await Signal.Within(reader.ReadLineAsync()))!];
        Assert.That(lines, Is.EqualTo(new[] { "first", "second" }));
    }

    [Test]
    public async Task Stream_SynchronousCalls_BlockUntilThereIsSomething([Values] bool inATurn)
    {
        await using var system = new TestSystem(new QiActorsOptions { WorkerThreads = 1 });
        var (ours, theirs) = await Wire.PairWithStrangerAsync(system.Actors);
        using var stream = ours.AsStream();
        using var other = theirs;
        using var isReading = new ManualResetEventSlim();
        int Read()
        {
            isReading.Set();
            byte[] buffer = new byte[10];
            int read = stream.Read(buffer, 0, 10);
            stream.Write(buffer, 0, read);
            stream.Flush();
            return read;
        }

        var reading = inATurn
            ? system.Actors.Spawn(async () => Read()).AsTask()
            : Task.Factory.StartNew(Read, CancellationToken.None, TaskCreationOptions.LongRunning, TaskScheduler.Default);
        Signal.Block(isReading);
        theirs.Send([1, 2, 3]);
        int count = await Signal.Within(reading);
        byte[] answer = new byte[3];
        Assert.That((count, theirs.Receive(answer), answer[2]), Is.EqualTo((3, 3, (byte)3)));
    }

    [Test]
    public async Task Stream_Faces_AreThoseOfAStreamWithoutAPosition()
    {
        await using var system = new TestSystem();
        var (ours, theirs) = await Wire.PairWithStrangerAsync(system.Actors);
        using var other = theirs;
        var stream = ours.AsStream();
        Assert.Multiple(() =>
        {
            Assert.That((stream.CanRead, stream.CanWrite, stream.CanSeek, stream.CanTimeout), Is.EqualTo((true, true, false, true)));
            Assert.That((stream.ReadTimeout, stream.WriteTimeout), Is.EqualTo((Timeout.Infinite, Timeout.Infinite)));
            Assert.That(() => stream.Length, Throws.InstanceOf<NotSupportedException>());
            Assert.That(() => stream.Position, Throws.InstanceOf<NotSupportedException>());
            Assert.That(() => stream.Seek(0, SeekOrigin.Begin), Throws.InstanceOf<NotSupportedException>());
            Assert.That(() => stream.SetLength(1), Throws.InstanceOf<NotSupportedException>());
            Assert.That(() => stream.ReadTimeout = 0, Throws.InstanceOf<ArgumentOutOfRangeException>());
        });
        await stream.DisposeAsync();
        Assert.Multiple(() =>
        {
            Assert.That((stream.CanRead, stream.CanWrite), Is.EqualTo((false, false)));
            Assert.That(() => Signal.Within(stream.ReadAsync(new byte[1])), Throws.InstanceOf<ObjectDisposedException>());
            Assert.That(() => Signal.Within(ours.ReadAsync(new byte[1])), Throws.InstanceOf<ObjectDisposedException>());
        });
    }

    [Test]
    public async Task Stream_ThatLeavesTheConnectionOpen_DoesSo()
    {
        await using var system = new TestSystem();
        var (client, server) = await Wire.PairAsync(system.Actors);
        await using var first = client;
        await using var second = server;
        await client.AsStream(leaveOpen: true).DisposeAsync();
        await Signal.Within(client.WriteAsync(new byte[] { 4 }));
        Assert.That(await Signal.Within(server.ReadAsync(new byte[1])), Is.EqualTo(1));
    }

    [Test]
    public async Task Stream_WithAReadTimeout_ThrowsWhenItHasPassed()
    {
        var time = new VirtualTimeProvider();
        await using var system = new TestSystem(null, time);
        var (ours, theirs) = await Wire.PairWithStrangerAsync(system.Actors);
        await using var stream = ours.AsStream();
        using var other = theirs;
        stream.ReadTimeout = 300;
        var read = stream.ReadAsync(new byte[1]).AsTask();
        time.Advance(TimeSpan.FromSeconds(1));
        Assert.That(() => Signal.Within(read), Throws.InstanceOf<TimeoutException>());
        Assert.That(stream.ReadTimeout, Is.EqualTo(300));
    }

    [Test]
    public async Task Stream_BeginAndEnd_TransferToo()
    {
        await using var system = new TestSystem();
        var (client, server) = await Wire.PairAsync(system.Actors);
        await using var from = client.AsStream();
        await using var to = server.AsStream();
        byte[] buffer = new byte[5];
        var read = Task.Factory.FromAsync(to.BeginRead, to.EndRead, buffer, 0, 5, null);
        await Signal.Within(Task.Factory.FromAsync(from.BeginWrite, from.EndWrite, new byte[] { 1, 2 }, 0, 2, null));
        Assert.That(await Signal.Within(read), Is.EqualTo(2));
    }

    [Test]
    public async Task Pipe_OfCoroutines_TransfersLinesUntilTheWriterCompletes()
    {
        await using var system = new TestSystem();
        var (client, server) = await Wire.PairAsync(system.Actors);
        await using var first = client;
        await using var second = server;

        async Coroutine<int> Lines()
        {
            var input = server.AsPipe().Input;
            int lines = 0;
            while (true)
            {
                var read = await input.ReadAsync();
                var rest = read.Buffer;
                while (rest.PositionOf((byte)'\n') is { } end)
                {
                    lines++;
                    rest = rest.Slice(rest.GetPosition(1, end));
                }

                input.AdvanceTo(rest.Start, rest.End);
                if (read.IsCompleted)
                    return lines;
            }
        }

        var counting = system.Actors.Spawn(Lines).AsTask();
        var output = client.AsPipe().Output;
        for (int i = 0; i < 1000; i++)
            await Signal.Within(output.WriteAsync(Encoding.ASCII.GetBytes($"line {i}\n")));
        await output.CompleteAsync();
        Assert.That(await Signal.Within(counting), Is.EqualTo(1000));
        await Signal.Within(server.WriteAsync(new byte[] { 1 }));
        var answer = await Signal.Within(client.AsPipe().Input.ReadAsync());
        Assert.That(answer.Buffer.Length, Is.EqualTo(1), "the reading goes on");
    }
}
