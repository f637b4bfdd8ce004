using System.Runtime.Versioning;

using Qi.Actors.Platform.Linux;

namespace Qi.Actors.Platform.Tests;

/// <summary>Asks the kernel for a ring, and leaves a test out, with the reason, where it refuses.</summary>
[SupportedOSPlatform("linux")]
internal static class UringHere
{
    public static void Need()
    {
        try
        {
            new UringReactor().Dispose();
        }
        catch (PlatformException refused)
        {
            Assert.Ignore(refused.Message);
        }
    }
}

[Platform("Linux")]
[SupportedOSPlatform("linux")]
public sealed class UringReactorTests : ReactorFixture<UringReactor>
{
    [OneTimeSetUp]
    public void NeedARing() => UringHere.Need();

    protected override bool WaitsForRoomInAQueue => true;

    protected override UringReactor Create() => new();
}

/// <summary>The same with descriptors that do not block, so that the ring has to poll first.</summary>
[Platform("Linux")]
[SupportedOSPlatform("linux")]
public sealed class UringReactorOnNonBlockingTests : ReactorFixture<UringReactor>
{
    [OneTimeSetUp]
    public void NeedARing() => UringHere.Need();

    protected override bool HasNonBlockingDescriptors => true;

    protected override UringReactor Create() => new();
}

/// <summary>The same with rings so small that submissions are postponed and completions overflow.</summary>
[Platform("Linux")]
[SupportedOSPlatform("linux")]
public sealed class UringReactorOnTinyRingTests : ReactorFixture<UringReactor>
{
    [OneTimeSetUp]
    public void NeedARing() => UringHere.Need();

    protected override bool WaitsForRoomInAQueue => true;

    protected override UringReactor Create() => new(new UringRing(2, 4, 0));
}
