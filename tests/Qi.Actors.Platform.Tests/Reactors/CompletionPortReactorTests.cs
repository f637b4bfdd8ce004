using System.Runtime.Versioning;

using Qi.Actors.Platform.Windows;

namespace Qi.Actors.Platform.Tests;

[Platform("Win")]
[SupportedOSPlatform("windows")]
public sealed class CompletionPortReactorTests : ReactorFixture<CompletionPortReactor>
{
    protected override int LengthOfCut(int length, int room) => room + 1;

    protected override CompletionPortReactor Create() => new();
}
