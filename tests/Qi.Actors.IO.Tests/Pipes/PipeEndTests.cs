using System.ComponentModel;
using System.Diagnostics;
using System.Net.Sockets;
using System.Runtime.Versioning;
using System.Text;

using Qi.Actors.IO.Tests.TestKit;
using Qi.Actors.Platform;

namespace Qi.Actors.IO.Tests.Pipes;

/// <summary>Pipes: within the process, by a name, and those of a child process.</summary>
[SupportedOSPlatform("linux")]
internal sealed class PipeEndTests
{
    [OneTimeSetUp]
    public void OnlyWhereTheyAreServed()
    {
        Assume.That(OperatingSystem.IsLinux());
        Assume.That(TestSystem.Reactor, Is.Not.EqualTo(ReactorChoice.Portable), "it serves sockets only: PortableRefusalTests");
    }

    [Test]
    public async Task Pair_MoreThanThePipeHolds_ArrivesInOrderInCoroutines()
    {
        await using var system = new TestSystem();
        var (reading, writing) = PipeEnd.CreatePair(system.Actors);
        byte[] sent = Wire.Pattern(1_000_000);

        async Coroutine Writes()
        {
            await writing.WriteAsync(sent);
            await writing.DisposeAsync();
        }

        async Coroutine<byte[]> Reads()
        {
            var all = new MemoryStream();
            byte[] buffer = new byte[10_000];
            int count;
            while ((count = await reading.ReadAsync(buffer)) > 0)
                all.Write(buffer, 0, count);
            return all.ToArray();
        }

        var reader = system.Actors.Spawn(Reads).AsTask();
        await Signal.Within(system.Actors.Spawn(Writes).AsTask());
        Assert.That(await Signal.Within(reader), Is.EqualTo(sent));
        reading.Dispose();
        Assert.That(system.Actors.Pool.Reactors.OpenCount, Is.Zero);
    }

    [Test]
    public async Task Write_WhenNobodyReads_ThrowsBrokenPipe([Values] bool isWaiting)
    {
        await using var system = new TestSystem();
        var (reading, writing) = PipeEnd.CreatePair(system.Actors);
        await using var end = writing;
        var write = isWaiting ? writing.WriteAsync(new byte[1_000_000]).AsTask() : null;
        reading.Dispose();
        Assert.That(() => Signal.Within(write ?? writing.WriteAsync(new byte[1]).AsTask()), Throws.InstanceOf<BrokenPipeException>().With.Message.Contains("Writing to a pipe"));
    }

    [Test]
    public async Task Read_Cancelled_LosesNoByte()
    {
        await using var system = new TestSystem();
        var (reading, writing) = PipeEnd.CreatePair(system.Actors);
        await using var first = reading;
        await using var second = writing;
        using var cancel = new CancellationTokenSource();
        byte[] buffer = new byte[2];
        var read = reading.ReadAsync(buffer, cancel.Token).AsTask();
        await cancel.CancelAsync();
        Assert.That(() => Signal.Within(read), Throws.InstanceOf<OperationCanceledException>());
        await Signal.Within(writing.WriteAsync(new byte[] { 7 }));
        Assert.That((await Signal.Within(reading.ReadAsync(buffer)), buffer[0]), Is.EqualTo((1, 7)));
    }

    [Test]
    public async Task Dispose_EndsAReadInProgress()
    {
        await using var system = new TestSystem();
        var (reading, writing) = PipeEnd.CreatePair(system.Actors);
        await using var end = writing;
        var read = reading.ReadAsync(new byte[1]).AsTask();
        reading.Dispose();
        Assert.That(() => Signal.Within(read), Throws.InstanceOf<ObjectDisposedException>());
    }

    [Test]
    public async Task WrongEnd_IsRefused()
    {
        await using var system = new TestSystem();
        var (reading, writing) = PipeEnd.CreatePair(system.Actors);
        await using var first = reading;
        await using var second = writing;
        Assert.Multiple(() =>
        {
            Assert.That(() => reading.WriteAsync(new byte[1]).AsTask(), Throws.InvalidOperationException);
            Assert.That(() => writing.ReadAsync(new byte[1]).AsTask(), Throws.InvalidOperationException);
            Assert.That(() => reading.AsWriter(), Throws.InvalidOperationException);
            Assert.That(() => writing.AsReader(), Throws.InvalidOperationException);
            Assert.That(() => PipeEnd.TakeOver(system.Actors, new MemoryStream()), Throws.ArgumentException.With.Message.Contains("MemoryStream"));
        });
    }

    [Test]
    public async Task Views_StreamAndPipe_CarryText()
    {
        await using var system = new TestSystem();
        var (reading, writing) = PipeEnd.CreatePair(system.Actors);
        var writer = writing.AsWriter();
        await Signal.Within(writer.WriteAsync("first line\nsecond"u8.ToArray()));
        await writer.CompleteAsync();
        using var text = new StreamReader(reading.AsStream());
        Assert.That(await Signal.Within(text.ReadToEndAsync()), Is.EqualTo("first line\nsecond"));
    }

    [Test]
    public async Task Named_BothEndsWaitForEachOther([Values] bool readerIsFirst)
    {
        await using var system = new TestSystem();
        string path = Wire.NewFile().ToString();
        PipeEnd.CreateNamed(path);
        try
        {
            Task<PipeEnd>? reader = readerIsFirst ? PipeEnd.OpenForReadingAsync(system.Actors, path).AsTask() : null;
            var writer = PipeEnd.OpenForWritingAsync(system.Actors, path).AsTask();
            reader ??= PipeEnd.OpenForReadingAsync(system.Actors, path).AsTask();
            await using (var writing = await Signal.Within(writer))
            {
                Assert.That(reader.IsCompleted, Is.False);
                await Signal.Within(writing.WriteAsync("named"u8.ToArray()));
            }

            using var text = new StreamReader((await Signal.Within(reader)).AsStream());
            Assert.That(await Signal.Within(text.ReadToEndAsync()), Is.EqualTo("named"));
            Assert.That(() => PipeEnd.CreateNamed(path), Throws.InstanceOf<IOException>().With.InnerException.InstanceOf<Win32Exception>());
        }
        finally
        {
            File.Delete(path);
        }
    }

    [Test]
    public async Task Named_OpenCancelledOrMissing_Throws([Values] bool isWriting)
    {
        await using var system = new TestSystem();
        string path = Wire.NewFile().ToString();

        Task OpenAsync(CancellationToken cancellationToken) => isWriting
            ? PipeEnd.OpenForWritingAsync(system.Actors, path, cancellationToken).AsTask()
            : PipeEnd.OpenForReadingAsync(system.Actors, path, cancellationToken).AsTask();

        Assert.That(() => Signal.Within(OpenAsync(CancellationToken.None)), Throws.InstanceOf<IOException>().With.Message.Contains(path));
        PipeEnd.CreateNamed(path);
        using var cancel = new CancellationTokenSource();
        var opening = OpenAsync(cancel.Token);
        await cancel.CancelAsync();
        Assert.That(() => Signal.Within(opening), Throws.InstanceOf<OperationCanceledException>());
        File.Delete(path);
        Assert.That(system.Actors.Pool.Reactors.OpenCount, Is.Zero);
    }

    [Test]
    public async Task Named_OpenInACoroutineThatIsCancelled_LeavesNothingBehind([Values] bool isWriting)
    {
        var time = new VirtualTimeProvider();
        await using var system = new TestSystem(null, time);
        using var folder = new Folder();
        string path = folder["pipe"];
        PipeEnd.CreateNamed(path);
        var isOpening = Signal.NewSource();

        async Coroutine Opens()
        {
            var opening = isWriting ? PipeEnd.OpenForWritingAsync(system.Actors, path) : PipeEnd.OpenForReadingAsync(system.Actors, path);
            isOpening.SetResult();
            await using var end = await opening;
        }

        var coroutine = system.Actors.Spawn(Opens);
        await Signal.Within(isOpening.Task);
        coroutine.Cancel();
        Assert.That(() => Signal.Within(coroutine.AsTask()), Throws.InstanceOf<OperationCanceledException>());
        Assert.That(() => system.Actors.Pool.Reactors.OpenCount, Is.Zero.After((int)Signal.Bound.TotalMilliseconds, 10));
        using var cancel = new CancellationTokenSource();
        var reading = PipeEnd.OpenForReadingAsync(system.Actors, path, cancel.Token).AsTask();
        time.Advance(TimeSpan.FromSeconds(1)); // a writer that was left behind would try again, and find this reader
        Assert.That(system.Actors.Pool.Reactors.OpenCount, Is.EqualTo(1));
        await cancel.CancelAsync();
        Assert.That(() => Signal.Within(reading), Throws.InstanceOf<OperationCanceledException>());
    }

    [TestCase("a file")]
    [TestCase("a folder")]
    [TestCase("a socket")]
    public async Task Named_OpenOfWhatIsNoPipe_IsRefused(string kind)
    {
        await using var system = new TestSystem();
        using var folder = new Folder();
        string path = kind == "a folder" ? folder.Root : folder["other"];
        await using var listener = kind == "a socket" ? SocketListener.Bind(system.Actors, new UnixDomainSocketEndPoint(path)) : null;
        if (kind == "a file")
            folder.Write("other", [1, 2, 3]);
        const string Reason = "failed: it is no named pipe. Make one with PipeEnd.CreateNamed, or open a file with AsyncFile.OpenAsync.";
        Assert.Multiple(() =>
        {
            Assert.That(() => Signal.Within(PipeEnd.OpenForReadingAsync(system.Actors, path)), Throws.InstanceOf<IOException>().With.Message.EqualTo($"Opening {path} for reading {Reason}"));
            Assert.That(() => Signal.Within(PipeEnd.OpenForWritingAsync(system.Actors, path)), Throws.InstanceOf<IOException>().With.Message.EqualTo($"Opening {path} for writing {Reason}"));
        });
    }

    [Test]
    public async Task TakeOver_OfAChildProcess_TalksToIt()
    {
        await using var system = new TestSystem();
        using var child = Process.Start(new ProcessStartInfo("cat") { RedirectStandardInput = true, RedirectStandardOutput = true, UseShellExecute = false })!;
        var input = PipeEnd.TakeOver(system.Actors, child.StandardInput.BaseStream);
        await using var output = PipeEnd.TakeOver(system.Actors, child.StandardOutput.BaseStream);
        Assert.That((input.IsWriting, output.IsWriting), Is.EqualTo((true, false)));
        byte[] buffer = new byte[100];
        await Signal.Within(input.WriteAsync("to and fro"u8.ToArray()));
        int count = await Signal.Within(output.ReadAsync(buffer));
        Assert.That(Encoding.ASCII.GetString(buffer, 0, count), Is.EqualTo("to and fro"));
        input.Dispose();
        Assert.That(await Signal.Within(output.ReadAsync(buffer)), Is.Zero);
        await Signal.Within(child.WaitForExitAsync());
        Assert.That(child.ExitCode, Is.Zero);
    }
}
