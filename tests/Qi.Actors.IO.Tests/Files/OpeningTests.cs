using System.Runtime.Versioning;

using Qi.Actors.IO.Tests.TestKit;
using Qi.Actors.Platform;

namespace Qi.Actors.IO.Tests.Files;

/// <summary>What becomes of a file that nobody waits for any more when it is open.</summary>
[Platform("Linux")]
[SupportedOSPlatform("linux")]
internal sealed class OpeningTests
{
    private static readonly TimeSpan s_look = TimeSpan.FromMilliseconds(200);

    private readonly TestSystem _system = new();
    private readonly Folder _folder = new();

    [OneTimeSetUp]
    public void OnlyWherePipesAreServed() => Assume.That(TestSystem.Reactor, Is.Not.EqualTo(ReactorChoice.Portable), "it serves sockets only: PortableRefusalTests");

    [OneTimeTearDown]
    public async Task TearDown()
    {
        _folder.Dispose();
        await _system.DisposeAsync();
    }

    // A named pipe opens when its other end does, and tells a writer that its reader has gone. A cancel that comes before the operating system was asked shows nothing: then once more.
    [Test]
    public async Task File_ThatOpensAfterItsCoroutineWasCancelled_IsClosed()
    {
        string path = _folder["pipe"];
        PipeEnd.CreateNamed(path);
        PipeEnd? writing;
        while ((writing = await OpenOtherEndOfACancelledOneAsync(path)) is null)
        {
            // Its bound is the test's.
        }

        await using var end = writing;
        Assert.That(
            async () =>
            {
                using var bound = new CancellationTokenSource(Signal.Bound);
                while (true)
                    await writing.WriteAsync(new byte[4096], bound.Token);
            },
            Throws.InstanceOf<IOException>());
    }

    private async Task<PipeEnd?> OpenOtherEndOfACancelledOneAsync(string path)
    {
        var asked = Signal.NewSource<bool>();
        var opening = _system.Actors.Spawn(async Coroutine () =>
        {
            var opened = AsyncFile.OpenAsync(_system.Actors, path);
            asked.SetResult(true);
            using var file = await opened;
            Assert.Fail("It was opened before it was cancelled.");
        });
        await Signal.Within(asked.Task);
        await Signal.Within(_system.Actors.RunBlocking(static () => { })); // another thread has taken the one before
        opening.Cancel();
        Assert.That(async () => await Signal.Within(opening.AsTask()), Throws.InstanceOf<OperationCanceledException>());
        using var bound = new CancellationTokenSource(s_look);
        try
        {
            return await PipeEnd.OpenForWritingAsync(_system.Actors, path, bound.Token);
        }
        catch (OperationCanceledException) when (bound.IsCancellationRequested)
        {
            return null;
        }
    }
}
