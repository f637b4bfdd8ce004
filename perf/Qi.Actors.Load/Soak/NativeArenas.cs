// What native code takes (TLS, the runtime itself) comes from glibc, which gives each new thread one of sixteen arenas in turn. Threads come and go in a soak, so each arena grows to the
// most that it was ever asked for at once, and that takes longer than any warm-up: resident memory rises by a few percent for half an hour, with nothing lost. In one arena what is lost still
// shows, and the rest does not.

using System.Runtime.InteropServices;

namespace Qi.Actors.Load.Soak;

/// <summary>The arenas of the C library's memory.</summary>
internal static partial class NativeArenas
{
    private const int MostArenas = -8; // M_ARENA_MAX

    /// <summary>Has all threads that come share one. Where the C library knows no arenas nothing happens.</summary>
    public static void UseOne()
    {
        if (!OperatingSystem.IsLinux())
            return;
        try
        {
            _ = SetOption(MostArenas, 1);
        }
        catch (EntryPointNotFoundException)
        {
            // Another C library.
        }
    }

    [LibraryImport("libc", EntryPoint = "mallopt")]
    private static partial int SetOption(int option, int value);
}
