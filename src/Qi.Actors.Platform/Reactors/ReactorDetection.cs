using System.Runtime.Versioning;

using Qi.Actors.Platform.Bsd;
using Qi.Actors.Platform.Linux;
using Qi.Actors.Platform.Unix;
using Qi.Actors.Platform.Windows;

namespace Qi.Actors.Platform;

/// <summary>A reactor that can be had here, and why it is this one.</summary>
/// <param name="Kind">Which.</param>
/// <param name="Reason">One sentence.</param>
public readonly record struct ReactorResolution(ReactorKind Kind, string Reason);

/// <summary>Finds out which reactor can be had, and makes it.</summary>
/// <remarks><b>Threads</b>: any. <b>Cost</b>: to resolve <see cref="ReactorChoice.Uring"/> makes a ring and lets go of it; kqueue is tried the same way.</remarks>
public static class ReactorDetection
{
    /// <summary>The kind for a choice.</summary>
    /// <exception cref="PlatformException">The choice cannot be had here; the message says why and what to do.</exception>
    /// <exception cref="ArgumentOutOfRangeException">There is no such choice.</exception>
    public static ReactorResolution Resolve(ReactorChoice choice)
    {
        switch (choice)
        {
            case ReactorChoice.Auto:
                return Best();
            case ReactorChoice.Epoll:
                return OperatingSystem.IsLinux() ? Chosen(ReactorKind.Epoll) : throw NotHere(choice, "Linux");
            case ReactorChoice.Uring:
                if (!OperatingSystem.IsLinux())
                    throw NotHere(choice, "Linux");
                Try();
                return Chosen(ReactorKind.Uring);
            case ReactorChoice.Kqueue:
                if (!IsBsd)
                    throw NotHere(choice, "macOS and the BSDs");
                TryKqueue();
                return Chosen(ReactorKind.Kqueue);
            case ReactorChoice.CompletionPort:
                return OperatingSystem.IsWindows() ? Chosen(ReactorKind.CompletionPort) : throw NotHere(choice, "Windows");
            case ReactorChoice.Portable:
                return Chosen(ReactorKind.Portable);
            default:
                throw new ArgumentOutOfRangeException(nameof(choice), choice, "There is no such reactor.");
        }
    }

    /// <summary>Makes a reactor, on the thread that is to own it.</summary>
    /// <exception cref="PlatformException">The system refuses, or has no such reactor.</exception>
    public static Reactor Create(ReactorKind kind)
    {
        switch (kind)
        {
            case ReactorKind.Epoll when OperatingSystem.IsLinux():
                return new EpollReactor();
            case ReactorKind.Uring when OperatingSystem.IsLinux():
                return new UringReactor();
            case ReactorKind.Kqueue when IsBsd:
                return UnixFlavors.Here == UnixFlavor.MacOs ? new KqueueReactor<MacOsKqueue>() : new KqueueReactor<FreeBsdKqueue>();
            case ReactorKind.CompletionPort when OperatingSystem.IsWindows():
                return new CompletionPortReactor();
            case ReactorKind.Portable:
                return new PortableReactor();
            default:
                throw NotHere(kind, "another system, or by a later version");
        }
    }

    private static bool IsBsd => OperatingSystem.IsMacOS() || OperatingSystem.IsFreeBSD();

    private static ReactorResolution Best()
    {
        if (OperatingSystem.IsLinux())
            return new(ReactorKind.Epoll, "epoll, for this is Linux: it is as fast as io_uring for sockets, and nobody forbids it.");
        if (IsBsd)
            return BestOfBsd();
        if (OperatingSystem.IsWindows())
            return new(ReactorKind.CompletionPort, "a completion port, for this is Windows.");
        return new(ReactorKind.Portable, "the framework's sockets, for there is nothing better for this system.");
    }

    private static ReactorResolution BestOfBsd()
    {
        try
        {
            TryKqueue();
            return new(ReactorKind.Kqueue, "kqueue, for this is macOS or a BSD.");
        }
        catch (PlatformException refused)
        {
            return new(ReactorKind.Portable, $"the framework's sockets, for kqueue cannot be had: {refused.Message}");
        }
    }

    private static void TryKqueue()
    {
        if (UnixFlavors.Here == UnixFlavor.MacOs)
            KqueueReactor<MacOsKqueue>.Try();
        else
            KqueueReactor<FreeBsdKqueue>.Try();
    }

    private static ReactorResolution Chosen(ReactorKind kind) => new(kind, $"{kind}, for it was chosen.");

    [SupportedOSPlatform("linux")]
    private static void Try() => new UringReactor().Dispose();

    private static PlatformException NotHere<T>(T wished, string where)
        where T : struct, Enum
        => new("reactor", 0, $"There is no reactor {wished} on this system: it is served by {where}", "Choose ReactorChoice.Auto, or Portable.");
}
