// What native code takes (TLS, the runtime itself) comes from glibc, which gives each new thread one of eight arenas for each core in turn. Threads come and go in a soak, so each arena grows to the
// most that it was ever asked for at once, and that takes longer than any warm-up: resident memory rises by 7 to 14 % in ten minutes, with nothing lost. In one arena what is lost still
// shows, and the rest does not: 0.0 %. The library reads the number when it starts, so the program begins anew, as the same process.

using System.Runtime.InteropServices;

namespace Qi.Actors.Load.Soak;

/// <summary>The arenas of the C library's memory.</summary>
internal static unsafe partial class NativeArenas
{
    private const string Variable = "MALLOC_ARENA_MAX";

    /// <summary>Has this program started again with one arena, unless the variable says how many there are to be. Before anything else was begun.</summary>
    public static void UseOne()
    {
        if (!OperatingSystem.IsLinux() || Environment.GetEnvironmentVariable(Variable) is not null)
            return;
        string[] line = File.ReadAllText("/proc/self/cmdline").Split('\0')[..^1]; // each ends with a zero
        if (SetVariable(Variable, "1", 1) != 0)
            return;
        var arguments = stackalloc nint[line.Length + 1];
        for (int index = 0; index < line.Length; index++)
            arguments[index] = Marshal.StringToCoTaskMemUTF8(line[index]);
        arguments[line.Length] = 0;
        _ = Execute("/proc/self/exe", arguments); // comes back only if it is refused: then the soak runs as it is
    }

    [LibraryImport("libc", EntryPoint = "setenv", StringMarshalling = StringMarshalling.Utf8)]
    private static partial int SetVariable(string name, string value, int replaces);

    [LibraryImport("libc", EntryPoint = "execv", StringMarshalling = StringMarshalling.Utf8)]
    private static partial int Execute(string path, nint* arguments);
}
