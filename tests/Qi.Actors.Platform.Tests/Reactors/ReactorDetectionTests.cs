namespace Qi.Actors.Platform.Tests;

public sealed class ReactorDetectionTests
{
    [Test]
    public void Resolve_OfAuto_IsWhatTheSystemHasAndCanBeMade()
    {
        var resolved = ReactorDetection.Resolve(ReactorChoice.Auto);
        using var made = ReactorDetection.Create(resolved.Kind);
        Assert.That(made.Kind, Is.EqualTo(resolved.Kind));
        Assert.That(resolved.Reason, Does.EndWith("."));
        if (OperatingSystem.IsLinux())
            Assert.That(resolved.Kind, Is.EqualTo(ReactorKind.Epoll));
        if (OperatingSystem.IsWindows())
            Assert.That(resolved.Kind, Is.EqualTo(ReactorKind.CompletionPort));
    }

    [Test]
    public void Resolve_OfAChoice_IsThatOrSaysWhyNotAndWhatToDo([Values] ReactorChoice choice)
    {
        ReactorResolution resolved;
        try
        {
            resolved = ReactorDetection.Resolve(choice);
        }
        catch (PlatformException refused)
        {
            Assert.That(choice, Is.Not.EqualTo(ReactorChoice.Auto).And.Not.EqualTo(ReactorChoice.Portable));
            Assert.That(refused.Remedy, Is.Not.Empty);
            Assert.That(refused.Message, Does.Contain(choice.ToString()).Or.Contain("io_uring"));
            return;
        }

        using var made = ReactorDetection.Create(resolved.Kind);
        Assert.That(made.Kind, Is.EqualTo(resolved.Kind));
        if (choice != ReactorChoice.Auto)
            Assert.That(resolved.Kind.ToString(), Is.EqualTo(choice.ToString()));
    }

    [Test]
    [Platform("Linux")]
    public void Resolve_OfAnotherSystemsReactor_Throws()
    {
        Assert.Throws<PlatformException>(() => ReactorDetection.Resolve(ReactorChoice.Kqueue));
        Assert.Throws<PlatformException>(() => ReactorDetection.Resolve(ReactorChoice.CompletionPort));
        Assert.Throws<PlatformException>(() => ReactorDetection.Create(ReactorKind.CompletionPort));
        Assert.Throws<ArgumentOutOfRangeException>(() => ReactorDetection.Resolve((ReactorChoice)99));
    }
}
