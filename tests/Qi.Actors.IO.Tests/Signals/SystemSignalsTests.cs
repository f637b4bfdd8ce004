using System.Runtime.InteropServices;

using Microsoft.Extensions.Logging;

namespace Qi.Actors.IO.Tests.Signals;

/// <summary>Signals of the operating system as messages. They go to the whole process, so one test at a time.</summary>
[NonParallelizable]
internal sealed partial class SystemSignalsTests
{
    private const int Usr1 = 10;
    private const int WindowChanged = 28;

    [OneTimeSetUp]
    public void OnlyOnLinux() => Assume.That(OperatingSystem.IsLinux(), "the numbers are those of Linux");

    [TestCase(15, PosixSignal.SIGTERM)]
    [TestCase(1, PosixSignal.SIGHUP)]
    [TestCase(2, PosixSignal.SIGINT)]
    public async Task Watch_OfASignalThatWouldEndTheProcess_GetsIt(int number, PosixSignal signal)
    {
        Assume.That(IsIgnored(number), Is.False, "whoever has started this process has the signal ignored, as nohup does, and the framework leaves it so");
        using var watch = SystemSignals.Watch(signal);
        Raise(number);
        Assert.That(await Signal.Within(watch.NextAsync()), Is.EqualTo(signal));
    }

    private static bool IsIgnored(int number)
    {
        string mask = File.ReadLines("/proc/self/status").Single(static line => line.StartsWith("SigIgn:", StringComparison.Ordinal))[7..].Trim();
        return (Convert.ToUInt64(mask, 16) & (1UL << (number - 1))) != 0;
    }

    [Test]
    public async Task Watch_OfSeveral_TellsWhichArrivesInACoroutine()
    {
        await using var system = new TestSystem();
        using var watch = SystemSignals.Watch(SystemSignals.User1, SystemSignals.User2);

        async Coroutine<List<PosixSignal>> Reads()
        {
            var seen = new List<PosixSignal>();
            await foreach (var signal in watch)
            {
                seen.Add(signal);
                if (seen.Count == 2)
                    break;
                Raise(12);
            }

            return seen;
        }

        Raise(Usr1);
        var read = await Signal.Within(system.Actors.Spawn(Reads).AsTask());
        Assert.That(read, Is.EqualTo(new[] { SystemSignals.User1, SystemSignals.User2 }));
    }

    [Test]
    public async Task Dispose_EndsTheEnumerationAndOnlyItsOwnWatch()
    {
        using var stays = SystemSignals.Watch((PosixSignal)WindowChanged);
        var gone = SystemSignals.Watch((PosixSignal)WindowChanged);
        var waiting = gone.NextAsync().AsTask();
        gone.Dispose();
        Assert.That(() => Signal.Within(waiting), Throws.InstanceOf<ObjectDisposedException>());
        Raise(WindowChanged);
        await Signal.Within(stays.NextAsync());
        await foreach (var signal in gone)
            Assert.Fail($"{signal} has arrived at a watch that was disposed of.");
    }

    [Test]
    public async Task Next_Cancelled_LosesNoSignal()
    {
        using var watch = SystemSignals.Watch(SystemSignals.User1);
        using var cancel = new CancellationTokenSource();
        var waiting = watch.NextAsync(cancel.Token).AsTask();
        await cancel.CancelAsync();
        Assert.That(() => Signal.Within(waiting), Throws.InstanceOf<OperationCanceledException>());
        Raise(Usr1);
        Assert.That(await Signal.Within(watch.NextAsync()), Is.EqualTo(SystemSignals.User1));
    }

    [Test]
    public async Task TellSignals_SendsTheActorItsMessage()
    {
        await using var system = new TestSystem();
        var told = Signal.NewSource<string>();
        var actor = system.Actors.Spawn<string>(told.SetResult);
        using (actor.TellSignals(signal => $"got {(int)signal}", SystemSignals.User1))
        {
            Raise(Usr1);
            Assert.That(await Signal.Within(told.Task), Is.EqualTo("got 10"));
        }
    }

    [Test]
    public async Task TellSignals_WhenTheFunctionThrows_LogsItAndTellsTheNextSignal()
    {
        await using var system = new TestSystem();
        system.ExpectErrors(1);
        var told = Signal.NewSource<PosixSignal>();
        var actor = system.Actors.Spawn<PosixSignal>(told.SetResult);
        var failure = new FormatException("no message can be made of it");
        bool fails = true;
        using var telling = actor.TellSignals(signal => Volatile.Read(ref fails) ? throw failure : signal, SystemSignals.User1);
        Raise(Usr1);
        Assert.That(() => system.Log.AtLeast(LogLevel.Error).Count, Is.EqualTo(1).After((int)Signal.Bound.TotalMilliseconds, 10));
        var error = system.Log.AtLeast(LogLevel.Error)[0];
        Assert.That((error.Exception, error.Message), Is.EqualTo((failure, $"No message could be made of signal {SystemSignals.User1} for {actor.Path}: it was not told of it, and is told of the next one. Let the function given to TellSignals not throw.")));
        Volatile.Write(ref fails, false);
        Raise(Usr1);
        Assert.That(await Signal.Within(told.Task), Is.EqualTo(SystemSignals.User1));
    }

    [Test]
    public void Misuse_IsRefused()
    {
        Assert.Multiple(() =>
        {
            Assert.That(() => SystemSignals.Watch(), Throws.ArgumentException.With.Message.Contains("at least one"));
            Assert.That(() => SystemSignals.Watch(SystemSignals.User1, (PosixSignal)9), Throws.InstanceOf<IOException>());
            Assert.That(() => SystemSignals.Watch((PosixSignal)1000), Throws.InstanceOf<PlatformNotSupportedException>());
        });
    }

    private static void Raise(int signal) => Assert.That(Kill(Environment.ProcessId, signal), Is.Zero);

    [LibraryImport("libc", EntryPoint = "kill")]
    private static partial int Kill(int process, int signal);
}
