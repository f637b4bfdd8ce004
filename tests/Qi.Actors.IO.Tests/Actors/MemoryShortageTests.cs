using System.Buffers;
using System.Net.Sockets;
using System.Threading.Channels;

using Microsoft.Extensions.Logging;

using Qi.Actors.IO.Tests.TestKit;

namespace Qi.Actors.IO.Tests.Actors;

/// <summary>Connections that are driven by messages while MemoryLimit leaves them no buffer.</summary>
internal sealed class MemoryShortageTests
{
    private const int Limit = 1 << 20;

    // Not the size of a ring's buffers, which are taken before.
    private static readonly ConnectionActorOptions s_options = new() { ReadBytes = 1024 };

    private Channel<ConnectionEvent> _heard = null!;
    private VirtualTimeProvider _time = null!;
    private TestSystem _test = null!;

    [SetUp]
    public void SetUp()
    {
        _heard = Channel.CreateUnbounded<ConnectionEvent>();
        _time = new VirtualTimeProvider();
        _test = new TestSystem(new QiActorsOptions { WorkerThreads = 2, MemoryLimit = Limit }, _time);
    }

    [TearDown]
    public async Task TearDown() => await _test.DisposeAsync();

    [Test]
    public async Task Input_WaitsUntilMemoryIsGivenBackAndNothingIsLost()
    {
        byte[] pattern = Wire.Pattern(100_000);
        var (_, theirs) = await SpawnAsync();
        using var other = theirs;
        var memory = TakeAll();
        var sending = theirs.SendAsync(pattern);
        await UntilTold();
        Assert.That(_heard.Reader.Count, Is.Zero);

        memory.ForEach(static buffer => buffer.Dispose());
        var arrived = new List<byte>();
        while (arrived.Count < pattern.Length)
        {
            _time.Advance(TimeSpan.FromMilliseconds(100));
            while (_heard.Reader.TryRead(out var message))
            {
                using var received = (Received)message;
                arrived.AddRange(received.Bytes.Span);
            }

            await Task.Yield();
        }

        await Signal.Within(sending);
        Assert.That(arrived, Is.EqualTo(pattern));
    }

    [Test]
    public async Task End_OfTheOtherEnd_IsToldWithoutMemory()
    {
        var (_, theirs) = await SpawnAsync();
        using var other = theirs;
        var memory = TakeAll();
        theirs.Shutdown(SocketShutdown.Send);
        Assert.That(await Next(), Is.InstanceOf<PeerEnded>());
        memory.ForEach(static buffer => buffer.Dispose());
    }

    [Test]
    public async Task Pause_WhileThereIsNoMemory_IsHeeded()
    {
        var (actor, theirs) = await SpawnAsync();
        using var other = theirs;
        var memory = TakeAll();
        theirs.Send([7]);
        await UntilTold();
        actor.Tell(new PauseReading());
        await Turn(actor, theirs);
        memory.ForEach(static buffer => buffer.Dispose());
        for (int round = 0; round < 20; round++)
        {
            _time.Advance(TimeSpan.FromMilliseconds(100));
            await Turn(actor, theirs);
        }

        Assert.That(_heard.Reader.TryPeek(out var early) ? early : null, Is.Null, "It is paused.");
        actor.Tell(new ResumeReading());
        while (_heard.Reader.Count == 0)
        {
            _time.Advance(TimeSpan.FromMilliseconds(100)); // memory that another thread has given back may take some looks
            await Turn(actor, theirs);
        }

        using var received = (Received)await Next();
        Assert.That(received.Bytes.ToArray(), Is.EqualTo(new byte[] { 7 }));
    }

    private static async Task Turn(ActorRef<ConnectionCommand> actor, Socket theirs)
    {
        actor.Tell(new Send(new byte[] { 1 }));
        await Signal.Within(theirs.ReceiveAsync(new byte[1]), "what the actor sends");
    }

    private async Task<(ActorRef<ConnectionCommand> Actor, Socket Theirs)> SpawnAsync()
    {
        var (ours, theirs) = await Wire.PairWithStrangerAsync(_test.Actors);
        var handler = _test.Actors.Spawn<ConnectionEvent>(message => _heard.Writer.TryWrite(message));
        return (_test.Actors.SpawnConnection(ours, handler, s_options), theirs);
    }

    private List<IMemoryOwner<byte>> TakeAll()
    {
        var taken = new List<IMemoryOwner<byte>>();
        while (_test.Actors.GetBuffers().TryRent(s_options.ReadBytes, out var buffer))
            taken.Add(buffer);
        return taken;
    }

    private async Task UntilTold()
    {
        while (!_test.Log.AtLeast(LogLevel.Warning).Any(static entry => entry.Message.Contains($"MemoryLimit, {Limit} bytes", StringComparison.Ordinal)))
            await Task.Yield();
    }

    private Task<ConnectionEvent> Next() => Signal.Within(_heard.Reader.ReadAsync().AsTask(), "the next event");
}
