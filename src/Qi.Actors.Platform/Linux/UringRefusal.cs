// Why there is no ring, in words: io_uring is often forbidden, and the error number alone does not say by whom.

using System.Globalization;

namespace Qi.Actors.Platform.Linux;

/// <summary>Explains why the kernel refused io_uring.</summary>
internal static class UringRefusal
{
    private const string SwitchFile = "/proc/sys/kernel/io_uring_disabled";
    private const string UseEpoll = "or choose epoll (ReactorChoice.Epoll or Auto).";

    /// <summary>The exception for a refusal by <c>io_uring_setup</c> or what follows it.</summary>
    internal static PlatformException Of(string call, int error) => Of(call, error, ReadSwitch());

    /// <summary>The same, with the value of the switch <c>kernel.io_uring_disabled</c>; null where there is none.</summary>
    internal static PlatformException Of(string call, int error, int? disabled)
    {
        (string cause, string remedy) = error switch
        {
            1 when disabled is 2 => ("kernel.io_uring_disabled is 2: nobody may use it", "Set kernel.io_uring_disabled to 0 by sysctl, " + UseEpoll),
            1 when disabled is 1 => (
                "kernel.io_uring_disabled is 1: only members of kernel.io_uring_group may use it",
                "Add the user to that group, or set kernel.io_uring_disabled to 0 by sysctl, " + UseEpoll),
            1 or 13 => (
                "a seccomp filter or a security module forbids it, as containers do by default",
                "Allow io_uring_setup, io_uring_enter and io_uring_register in the container's seccomp profile, " + UseEpoll),
            12 => (
                "the limit of locked memory is too low, for all rings and locked memory of this user together; kernels before 5.12, and from 6.14, count rings against it",
                "Raise it (ulimit -l, or LimitMEMLOCK of the service) or use fewer dispatchers, " + UseEpoll),
            23 or 24 => ("there is no descriptor left", "Raise the limit of descriptors (ulimit -n), or close what is not needed."),
            22 or 38 or 95 => ("the kernel is too old, or built without it: Linux 5.11 is needed", "Use a newer kernel, " + UseEpoll),
            _ => ("the kernel does not say why", "Look into the kernel's log, " + UseEpoll),
        };
        return new PlatformException(call, error, $"A reactor of io_uring could not be made: {cause}", remedy);
    }

    private static int? ReadSwitch()
    {
        try
        {
            return int.TryParse(File.ReadAllText(SwitchFile), NumberStyles.Integer, CultureInfo.InvariantCulture, out int value) ? value : null;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return null; // before Linux 6.6 there is no such switch
        }
    }
}
