namespace Qi.Actors.Platform.Tests;

public sealed class AffinityTests
{
    [Test]
    public void PinCurrentThread_ToAnAllowedCore_ConfinesAndRestores()
        => OnOwnThread(() =>
        {
            if (!Affinity.IsSupported)
            {
                Assert.That(Affinity.PinCurrentThread(0), Is.False);
                return;
            }

            IReadOnlyList<int> before = Affinity.GetCurrentThread();
            foreach (int core in before)
            {
                Assert.That(Affinity.PinCurrentThread(core), Is.True);
                Assert.That(Affinity.GetCurrentThread(), Is.EqualTo(new[] { core }));
            }

            Assert.That(Affinity.SetCurrentThread(before), Is.True);
            Assert.That(Affinity.GetCurrentThread(), Is.EqualTo(before));
        });

    [Test]
    public void PinCurrentThread_OfOneThread_LeavesTheProcessAndOthersAlone()
    {
        IReadOnlyList<int> process = Affinity.ProcessCores();
        IReadOnlyList<int> here = Affinity.GetCurrentThread();
        OnOwnThread(() =>
        {
            _ = Affinity.PinCurrentThread(process[^1]);
            Assert.That(Affinity.ProcessCores(), Is.EqualTo(process));
        });
        Assert.That(Affinity.GetCurrentThread(), Is.EqualTo(here));
    }

    [TestCase(-1)]
    [TestCase(2_000)]
    [TestCase(1_000_000)]
    public void PinCurrentThread_ToNoSuchCore_SaysWhatToDo(int core)
    {
        if (!Affinity.IsSupported)
        {
            Assert.Ignore("Threads cannot be pinned here.");
        }

        PlatformException failure = Assert.Throws<PlatformException>(() => Affinity.PinCurrentThread(core))!;
        Assert.Multiple(() =>
        {
            Assert.That(failure.Operation, Is.Not.Empty);
            Assert.That(failure.Message, Does.Contain($"core {core}").And.Contain(failure.Remedy).And.Contain(failure.Operation));
            Assert.That(failure.Remedy, Does.Contain(string.Join(", ", Affinity.ProcessCores())));
        });
    }

    [Test]
    public void PinCurrentThread_RefusedByTheSystem_CarriesItsError()
    {
        if (!OperatingSystem.IsLinux())
        {
            Assert.Ignore("Linux's error numbers.");
        }

        const int Einval = 22;
        PlatformException failure = Assert.Throws<PlatformException>(() => Affinity.PinCurrentThread(60_000))!;
        Assert.That(failure.Error, Is.EqualTo(Einval));
        Assert.That(failure.Message, Does.Contain("error 22"));
    }

    [Test]
    public void SetCurrentThread_ToNothing_Throws()
        => Assert.That(() => Affinity.SetCurrentThread([]), Throws.ArgumentException);

    private static void OnOwnThread(Action body)
    {
        Exception? failure = null;
        var thread = new Thread(() =>
        {
            try
            {
                body();
            }
            catch (Exception caught)
            {
                failure = caught;
            }
        });
        thread.Start();
        Assert.That(thread.Join(TimeSpan.FromSeconds(30)), Is.True);
        Assert.That(failure, Is.Null);
    }
}
