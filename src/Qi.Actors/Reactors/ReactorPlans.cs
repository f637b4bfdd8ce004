using Qi.Actors.Platform;
using Qi.Actors.Platform.Linux;
using Qi.Actors.Scheduling;

namespace Qi.Actors.Reactors;

/// <summary>Decides what the reactors of a system are built on.</summary>
internal static class ReactorPlans
{
    /// <summary>What suits this machine.</summary>
    public static ReactorPlan Detect() => new(ReactorKind.Epoll, IsThreadBound: false, IsNonBlocking: true, "this is Linux.", Make);

    private static EpollReactor Make()
        => OperatingSystem.IsLinux() ? new EpollReactor() : throw new PlatformNotSupportedException("Input and output needs Linux so far.");
}
