using System.Buffers;
using System.Net;
using System.Net.Sockets;

using Qi.Actors.IO.Tests.TestKit;

namespace Qi.Actors.IO.Tests.Sockets;

/// <summary>What others do wrong harms their own operation, and no dispatcher.</summary>
internal sealed class MisuseTests
{
    [Test]
    public async Task Read_WhoseMemoryGoesWhileItWaits_Fails()
    {
        await using var system = new TestSystem();
        var (ours, theirs) = await Wire.PairWithStrangerAsync(system.Actors);
        await using var end = ours;
        using var other = theirs;
        using var memory = new GoneMemory();
        var read = ours.ReadAsync(memory.Memory).AsTask();
        memory.IsGone = true;
        theirs.Send([1]);
        try
        {
            await Signal.Within(read, "the end of the read");
        }
        catch (IOException)
        {
            byte[] next = new byte[1];
            Assert.That(await Signal.Within(ours.ReadAsync(next)), Is.EqualTo(1), "No byte is lost, and the side is free.");
        }
    }

    [Test]
    public async Task Messages_NameWhatWasDoneWrong()
    {
        await using var system = new TestSystem();
        var (ours, theirs) = await Wire.PairWithStrangerAsync(system.Actors);
        using var other = theirs;
        ours.EndWriting();
        Assert.That(async () => await ours.WriteAsync(new byte[1]), Throws.InstanceOf<IOException>().With.Message.Contains("EndWriting"));
        await ours.DisposeAsync();
        Assert.That(() => ours.LocalEndPoint, Throws.InstanceOf<ObjectDisposedException>().With.Message.Contains(nameof(SocketConnection)));
        Assert.That(
            () => SocketConnection.ConnectAsync(system.Actors, new DnsEndPoint("localhost", 1)),
            Throws.ArgumentException.With.Property(nameof(ArgumentException.ParamName)).EqualTo("remote"));
        if (!OperatingSystem.IsWindows())
        {
            Assert.That(
                async () => await SocketConnection.ConnectAsync(system.Actors, new UnixDomainSocketEndPoint("/no/such/socket")),
                Throws.InstanceOf<IOException>().With.Message.Contains("no such socket"));
        }
    }

    [Test]
    public async Task Operation_WhoseMemoryIsGone_FailsAndLeavesTheSideFree()
    {
        await using var system = new TestSystem();
        var (ours, theirs) = await Wire.PairWithStrangerAsync(system.Actors);
        await using var end = ours;
        using var other = theirs;
        using var memory = new GoneMemory();
        var kept = memory.Memory;
        memory.IsGone = true;
        theirs.Send([1]);
        Assert.That(() => Signal.Within(ours.ReadAsync(kept)), Throws.InstanceOf<IOException>());
        Assert.That(() => Signal.Within(ours.WriteAsync(kept)), Throws.InstanceOf<IOException>());
        byte[] next = new byte[1];
        await Signal.Within(ours.WriteAsync(next));
        Assert.That(await Signal.Within(ours.ReadAsync(next)), Is.EqualTo(1));
    }

    [Test]
    public async Task Read_AwaitedInAContextThatIsGone_GoesOnAllTheSame()
    {
        await using var system = new TestSystem();
        var (ours, theirs) = await Wire.PairWithStrangerAsync(system.Actors);
        await using var end = ours;
        using var other = theirs;
        var before = SynchronizationContext.Current;
        Task<int> reader;
        try
        {
            SynchronizationContext.SetSynchronizationContext(new GoneContext());
            reader = ReadAsync(ours);
        }
        finally
        {
            SynchronizationContext.SetSynchronizationContext(before);
        }

        theirs.Send([1]);
        Assert.That(await Signal.Within(reader, "the reader"), Is.EqualTo(1));
    }

    private static async Task<int> ReadAsync(SocketConnection connection) => await connection.ReadAsync(new byte[10]);

    /// <summary>Memory that is given back while somebody still has it.</summary>
    private sealed class GoneMemory : MemoryManager<byte>
    {
        private readonly byte[] _bytes = GC.AllocateArray<byte>(10, pinned: true);

        public bool IsGone { get; set; }

        public override Span<byte> GetSpan()
        {
            ObjectDisposedException.ThrowIf(IsGone, this);
            return _bytes;
        }

        public override MemoryHandle Pin(int elementIndex = 0)
        {
            ObjectDisposedException.ThrowIf(IsGone, this);
            return _bytes.AsMemory(elementIndex).Pin();
        }

        public override void Unpin()
        {
        }

        protected override void Dispose(bool disposing)
        {
        }
    }

    /// <summary>A context that has ended before what was awaited in it.</summary>
    private sealed class GoneContext : SynchronizationContext
    {
        public override void Post(SendOrPostCallback d, object? state) => throw new InvalidOperationException("The context has ended.");
    }
}
