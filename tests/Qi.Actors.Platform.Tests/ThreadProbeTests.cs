using System.Text;

namespace Qi.Actors.Platform.Tests;

public sealed class ThreadProbeTests
{
    private static readonly TimeSpan s_bound = TimeSpan.FromSeconds(30);

    [TestCase("12 (name) R 1 12", true)]
    [TestCase("12 (name) S 1 12", false)]
    [TestCase("12 (name) D 1 12", false)]
    [TestCase("12 (a) R) S 1 12", false)]
    [TestCase("12 (name)", null)]
    [TestCase("12 (name) ", null)]
    [TestCase("", null)]
    public void Parse_OfAStatLine_FindsTheState(string line, bool? expected)
        => Assert.That(ThreadProbe.Parse(Encoding.ASCII.GetBytes(line)), Is.EqualTo(expected));

    [Test]
    public void IsRunnable_OfTheCallingThread_IsTrueWhereTheSystemTells()
        => Assert.That(ThreadProbe.OfCurrentThread().IsRunnable(), Is.EqualTo(OperatingSystem.IsLinux() ? true : null));

    [Test]
    public void IsRunnable_OfAThreadThatBlocks_TurnsFalse()
    {
        if (!OperatingSystem.IsLinux())
        {
            return;
        }

        using var gate = new ManualResetEventSlim();
        ThreadProbe? probe = null;
        var thread = new Thread(() =>
        {
            Atomic.Write(ref probe, ThreadProbe.OfCurrentThread());
            gate.Wait();
        });
        thread.Start();

        Assert.That(SpinWait.SpinUntil(() => Atomic.Read(ref probe)?.IsRunnable() is false, s_bound), Is.True);

        gate.Set();
        thread.Join();
        // The system's thread ends a little after the runtime's.
        Assert.That(SpinWait.SpinUntil(() => probe!.IsRunnable() is null, s_bound), Is.True);
    }
}
