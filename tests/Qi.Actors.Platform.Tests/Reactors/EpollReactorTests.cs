using System.Runtime.Versioning;

using Qi.Actors.Platform.Linux;

namespace Qi.Actors.Platform.Tests;

[Platform("Linux")]
[SupportedOSPlatform("linux")]
public sealed class EpollReactorTests : ReactorFixture<EpollReactor>
{
    protected override EpollReactor Create() => new();
}
