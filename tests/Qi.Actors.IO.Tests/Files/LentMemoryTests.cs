using System.Buffers;
using System.Collections;

using Qi.Actors.IO.Tests.TestKit;

namespace Qi.Actors.IO.Tests.Files;

/// <summary>Memory that a file reads into or writes from is the file's until the operation has ended, whatever becomes of the one who awaits it.</summary>
[Platform("Linux")]
internal sealed class LentMemoryTests
{
    private const int Pieces = 17; // more than are read in the caller's own turn
    private const int PieceBytes = 64;

    private TestSystem _system = null!;
    private Folder _folder = null!;

    [SetUp]
    public void SetUp()
    {
        _system = new TestSystem();
        _folder = new Folder();
    }

    [TearDown]
    public async Task TearDown()
    {
        Assert.That(_system.Actors.Pool.Reactors.OpenCount, Is.Zero, "a file that was closed is still in use");
        _folder.Dispose();
        await _system.DisposeAsync();
    }

    [Test]
    public async Task Read_ByAThread_IsWaitedForByACancelledCoroutine()
    {
        string path = _folder.Write("x", Wire.Pattern(Pieces * PieceBytes));
        await using var file = await AsyncFile.OpenAsync(_system.Actors, path);
        using var buffers = new GatedList();
        long read = 0;
        var handle = _system.Actors.Spawn(async () =>
        {
            read = await file.ReadAtAsync(buffers, 0);
            await Coroutine.YieldAsync(); // what was read is not lost: it throws here
            read = -1;
        });
        await Signal.Within(buffers.IsReached.Task, "the thread");
        handle.Cancel();
        Assert.That(handle.AsTask().Wait(TimeSpan.FromMilliseconds(20)), Is.False, "The thread still has the memory.");
        buffers.Gate.Set();

        Assert.That(async () => await Signal.Within(handle.AsTask()), Throws.InstanceOf<OperationCanceledException>());
        Assert.That(read, Is.EqualTo(Pieces * PieceBytes));
    }

    [Test]
    public async Task Read_IntoMemoryThatThrows_KeepsNoShareOfTheFile([Values] bool isVectored)
    {
        string path = _folder.Write("x", Wire.Pattern(PieceBytes));
        await using var file = await AsyncFile.OpenAsync(_system.Actors, path, access: FileAccess.ReadWrite);
        using var owner = new ReturnedMemory();
        Memory<byte>[] pieces = [owner.Memory];

        Assert.That(async () => { _ = isVectored ? await file.ReadAtAsync(pieces, 0) : await file.ReadAtAsync(owner.Memory, 0); }, Throws.InvalidOperationException);
        Assert.That(async () => await file.WriteAtAsync(owner.Memory, 0), Throws.InvalidOperationException);
    }

    [Test]
    public async Task Stream_WhoseReadIsInProgress_RefusesAnother()
    {
        string path = _folder.Write("x", Wire.Pattern(PieceBytes));
        await using var file = await AsyncFile.OpenAsync(_system.Actors, path);
        var stream = file.AsStream(leaveOpen: true);
        using var memory = new BusyMemory(() => stream.ReadAsync(new byte[1]));

        Assert.That(async () => await stream.ReadAsync(memory.Memory), Throws.InvalidOperationException.With.Message.Contains(path).And.Message.Contains("in progress"));
        Assert.That(await stream.ReadAsync(new byte[PieceBytes]), Is.EqualTo(PieceBytes), "The refusal has changed nothing.");
    }

    /// <summary>Stops the thread that asks for its first piece to read into.</summary>
    private sealed class GatedList : IReadOnlyList<Memory<byte>>, IDisposable
    {
        private readonly Memory<byte>[] _pieces = [.. Enumerable.Range(0, Pieces).Select(static _ => new byte[PieceBytes].AsMemory())];

        public TaskCompletionSource IsReached { get; } = Signal.NewSource();

        public ManualResetEventSlim Gate { get; } = new();

        public int Count => Pieces;

        public Memory<byte> this[int index]
        {
            get
            {
                if (Thread.CurrentThread.Name?.EndsWith("-blocking", StringComparison.Ordinal) is true)
                {
                    IsReached.TrySetResult();
                    Signal.Block(Gate);
                }

                return _pieces[index];
            }
        }

        public void Dispose() => Gate.Dispose();

        public IEnumerator<Memory<byte>> GetEnumerator() => throw new NotSupportedException();

        IEnumerator IEnumerable.GetEnumerator() => GetEnumerator();
    }

    /// <summary>Memory that was given back.</summary>
    private sealed class ReturnedMemory : MemoryManager<byte>
    {
        public override Memory<byte> Memory => CreateMemory(PieceBytes);

        public override Span<byte> GetSpan() => throw new InvalidOperationException("It was given back.");

        public override MemoryHandle Pin(int elementIndex = 0) => throw new InvalidOperationException("It was given back.");

        public override void Unpin()
        {
        }

        protected override void Dispose(bool disposing)
        {
        }
    }

    /// <summary>Begins something else while a read is beginning.</summary>
    private sealed class BusyMemory(Func<ValueTask<int>> begin) : MemoryManager<byte>
    {
        public override Memory<byte> Memory => CreateMemory(PieceBytes);

        public override Span<byte> GetSpan()
        {
            begin().AsTask().GetAwaiter().GetResult();
            return new byte[PieceBytes];
        }

        public override MemoryHandle Pin(int elementIndex = 0) => throw new NotSupportedException();

        public override void Unpin()
        {
        }

        protected override void Dispose(bool disposing)
        {
        }
    }
}
