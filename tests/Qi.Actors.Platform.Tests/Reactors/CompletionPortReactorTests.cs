using System.Runtime.InteropServices;
using System.Runtime.Versioning;

using Qi.Actors.Platform.Windows;

namespace Qi.Actors.Platform.Tests;

[Platform("Win")]
[SupportedOSPlatform("windows")]
public sealed class CompletionPortReactorTests : ReactorFixture<CompletionPortReactor>
{
    // wine tells whoever reads nothing of a reset as of an end, and takes it away with that; Windows keeps it.
    private static readonly bool s_isWine = OperatingSystem.IsWindows() && NativeLibrary.TryGetExport(NativeLibrary.Load("ntdll"), "wine_get_version", out _);

    protected override CompletionPortReactor Create() => new();

    protected override bool SharesWrites => false;

    protected override bool LeavesResetsToReads => !s_isWine;
}
