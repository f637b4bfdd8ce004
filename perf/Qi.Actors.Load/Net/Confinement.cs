// A thread's cores are inherited by the threads that it starts, and the runtime starts its own before the first line of a program
// runs and counts the processors then. So the program starts itself again in the same process: the calling thread is confined,
// and execve puts the new image in place of the old one; only that thread lives on, with its cores, the process' number and its
// pipes. Settings that the runtime reads when it starts are given the same way.

using System.Collections;
using System.ComponentModel;
using System.Runtime.InteropServices;
using System.Text;

using Qi.Actors.Platform;

namespace Qi.Actors.Load.Net;

/// <summary>Confines this process to a core and gives it settings, both as if it had been started so.</summary>
internal static partial class Confinement
{
    /// <summary>Returns if the process is as wished; otherwise starts the program again, and does not return.</summary>
    /// <param name="core">The one core that the process may use; null for all it has.</param>
    /// <param name="settings">Variables of the environment.</param>
    public static void Enter(int? core, IReadOnlyDictionary<string, string> settings)
    {
        bool isConfined = core is not { } wished || Affinity.ProcessCores() is [var only] && only == wished;
        if (isConfined && settings.All(setting => string.Equals(Environment.GetEnvironmentVariable(setting.Key), setting.Value, StringComparison.Ordinal)))
            return;
        if (!OperatingSystem.IsLinux())
            throw new UsageException("A core and settings can be given to a running program on Linux only. Leave --core away and set the variables before the start.");
        if (core is { } number)
            Pin(number);
        Restart(settings);
    }

    private static void Pin(int core)
    {
        try
        {
            Affinity.PinCurrentThread(core);
        }
        catch (PlatformException e)
        {
            throw new UsageException($"--core is {core}. {e.Message}");
        }
    }

    /// <summary>Starts the program again in this process, with these settings and whatever the calling thread is confined to. Does not return.</summary>
    internal static void Restart(IReadOnlyDictionary<string, string> settings)
    {
        string?[] arguments = [.. Encoding.UTF8.GetString(File.ReadAllBytes("/proc/self/cmdline")).TrimEnd('\0').Split('\0'), null];
        var environment = Environment.GetEnvironmentVariables()
            .Cast<DictionaryEntry>()
            .Where(variable => !settings.ContainsKey((string)variable.Key))
            .Select(variable => $"{variable.Key}={variable.Value}");
        Execute("/proc/self/exe", arguments, [.. environment, .. settings.Select(setting => $"{setting.Key}={setting.Value}"), null]);
        throw new Win32Exception();
    }

    [LibraryImport("libc", EntryPoint = "execve", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    private static partial int Execute(string path, string?[] arguments, string?[] environment);
}
