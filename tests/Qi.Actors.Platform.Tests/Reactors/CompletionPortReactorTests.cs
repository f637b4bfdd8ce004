using System.Runtime.Versioning;

using Qi.Actors.Platform.Windows;

namespace Qi.Actors.Platform.Tests;

[Platform("Win")]
[SupportedOSPlatform("windows")]
public sealed class CompletionPortReactorTests : ReactorFixture<CompletionPortReactor>
{
    protected override CompletionPortReactor Create() => new();
}
