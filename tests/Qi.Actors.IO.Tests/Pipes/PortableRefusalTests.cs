using System.Diagnostics;
using System.Runtime.Versioning;

using Qi.Actors.IO.Tests.TestKit;
using Qi.Actors.Platform;
using Qi.Actors.Reactors;

namespace Qi.Actors.IO.Tests.Pipes;

/// <summary>What the framework's sockets cannot serve is refused when it is opened, with a way out.</summary>
[SupportedOSPlatform("linux")]
internal sealed class PortableRefusalTests
{
    [OneTimeSetUp]
    public void OnlyOnLinux() => Assume.That(OperatingSystem.IsLinux());

    [Test]
    public async Task Pipes_OfAnyKind_AreRefusedAndLeaveNothingOpen()
    {
        await using var system = Portable();
        using var folder = new Folder();
        string path = folder["pipe"];
        PipeEnd.CreateNamed(path);
        AssertRefusal(() => PipeEnd.CreatePair(system.Actors));
        AssertRefusal(() => PipeEnd.OpenForReadingAsync(system.Actors, path).AsTask().GetAwaiter().GetResult());
        AssertRefusal(() => PipeEnd.OpenForWritingAsync(system.Actors, path).AsTask().GetAwaiter().GetResult());
        using var child = Process.Start(new ProcessStartInfo("cat") { UseShellExecute = false, RedirectStandardInput = true, RedirectStandardOutput = true })!;
        AssertRefusal(() => PipeEnd.TakeOver(system.Actors, child.StandardOutput.BaseStream));
        await child.StandardInput.WriteAsync("still the framework's");
        child.StandardInput.Close();
        Assert.That(await child.StandardOutput.ReadToEndAsync(), Is.EqualTo("still the framework's"));
        Assert.That(system.Actors.Pool.Reactors.OpenCount, Is.Zero);
    }

    [Test]
    public async Task WatchingFiles_IsRefused()
    {
        await using var system = Portable();
        using var folder = new Folder();
        var refused = await Assert.ThrowsAsync<PlatformNotSupportedException>(async () =>
        {
            await using var watcher = await FileWatcher.StartAsync(system.Actors, folder.Root);
        });
        Assert.That(refused!.Message, Does.Contain("is Portable").And.Contain("FileSystemWatcher"));
    }

    private static void AssertRefusal(Action open)
    {
        var refused = Assert.Throws<PlatformNotSupportedException>(() => open());
        Assert.That(refused.Message, Does.Contain("is Portable").And.Contain("QiActorsOptions.Reactor").And.Contain("the framework's pipe streams"));
    }

    private static TestSystem Portable() => new(new QiActorsOptions { WorkerThreads = 2, ReactorPlan = () => ReactorPlans.For(ReactorChoice.Portable) });
}
