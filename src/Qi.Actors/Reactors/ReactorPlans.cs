using Qi.Actors.Platform;
using Qi.Actors.Scheduling;

namespace Qi.Actors.Reactors;

/// <summary>Decides what the reactors of a system are built on.</summary>
internal static class ReactorPlans
{
    /// <summary>What a choice comes to on this machine.</summary>
    /// <exception cref="PlatformException">It cannot be had here.</exception>
    public static ReactorPlan For(ReactorChoice choice)
    {
        var (kind, reason) = ReactorDetection.Resolve(choice);
        bool isUring = kind == ReactorKind.Uring;
        return new ReactorPlan(kind, IsThreadBound: isUring, IsNonBlocking: kind is ReactorKind.Epoll or ReactorKind.Kqueue, reason, () => ReactorDetection.Create(kind));
    }

    /// <summary>Why a choice cannot be had here; null if it can.</summary>
    public static string? Misfit(ReactorChoice choice)
    {
        if (!Enum.IsDefined(choice))
            return $"Allowed: {string.Join(", ", Enum.GetNames<ReactorChoice>())}.";
        try
        {
            if (choice != ReactorChoice.Auto)
                ReactorDetection.Resolve(choice);
            return null;
        }
        catch (PlatformException e)
        {
            return e.Message;
        }
    }
}
