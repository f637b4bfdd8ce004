using System.Runtime.Versioning;

using Qi.Actors.Platform.Bsd;

namespace Qi.Actors.Platform.Tests;

/// <summary>The contract, over a kernel made of epoll, with the events of macOS.</summary>
[Platform("Linux")]
[SupportedOSPlatform("linux")]
public sealed class KqueueReactorOfMacOsTests : ReactorFixture<Reactor>
{
    [OneTimeSetUp]
    public void Try_OfAKernelThatAnswers_Passes() => Assert.DoesNotThrow(KqueueReactor<EpollKqueue<MacOsKqueue>>.Try);

    protected override Reactor Create() => new KqueueReactor<EpollKqueue<MacOsKqueue>>();
}

/// <summary>The same with the events of FreeBSD.</summary>
[Platform("Linux")]
[SupportedOSPlatform("linux")]
public sealed class KqueueReactorOfFreeBsdTests : ReactorFixture<Reactor>
{
    [OneTimeSetUp]
    public void Try_OfAKernelThatAnswers_Passes() => Assert.DoesNotThrow(KqueueReactor<EpollKqueue<FreeBsdKqueue>>.Try);

    protected override Reactor Create() => new KqueueReactor<EpollKqueue<FreeBsdKqueue>>();
}

/// <summary>The contract on a system that has kqueue.</summary>
[Platform("MacOsX")]
public sealed class KqueueReactorTests : ReactorFixture<Reactor>
{
    protected override bool TellsWholeLength => false;

    protected override Reactor Create() => ReactorDetection.Create(ReactorKind.Kqueue);
}
